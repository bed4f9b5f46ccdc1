using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Json;

public class StrictJsonTests
{
    [Theory]
    [InlineData("1.0", "1")]
    [InlineData("1e3", "1000")]
    [InlineData("-0.0", "0")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("12345678901234567890", "12345678901234567000")]
    [InlineData("1e20", "100000000000000000000")]
    [InlineData("0.00001", "0.00001")]
    [InlineData("1.5", "1.5")]
    [InlineData("\"\\u00e9\"", "\"\\u00E9\"")]
    [InlineData("null", null)]
    public void Parse_Scalars_KeepTheirExactMeaning(string json, string? written) =>
        Assert.Equal(written, Parse(json).Root?.ToJsonString());

    [Fact]
    public void Parse_DuplicateFields_ReportsEveryPathOnceAndKeepsTheLast()
    {
        var document = Parse("""{"spec":{"image":"a","image":"b","image":"c","containers":[{"name":"x"},{"name":"y","name":"z"}]},"spec":{"q":1}}""");

        Assert.Equal(["spec.image", "spec.containers[1].name", "spec"], document.DuplicateFields);
        Assert.Equal("""{"spec":{"q":1}}""", document.Root!.ToJsonString());
    }

    [Fact]
    public void Parse_NamesDifferingInCase_AreDifferentFields() => Assert.Empty(Parse("""{"a":1,"A":2}""").DuplicateFields);

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("{} {}")]
    [InlineData("{\"a\":NaN}")]
    [InlineData("{\"a\":1e400}")]
    [InlineData("{'a':1}")]
    [InlineData("[1,]")]
    [InlineData("\"\\ud800\"")]
    [InlineData("01")]
    public void Parse_Malformed_Throws(string json) => Assert.Throws<DecodeException>(() => Parse(json));

    [Fact]
    public void Parse_InvalidUtf8_Throws() => Assert.Throws<DecodeException>(() => StrictJson.Parse([(byte)'"', 0xff, (byte)'"']));

    [Theory]
    [InlineData(StrictJson.MaxDepth, true)]
    [InlineData(StrictJson.MaxDepth + 1, false)]
    public void Parse_Nesting_IsBounded(int depth, bool accepted)
    {
        var json = new string('[', depth) + new string(']', depth);
        if (accepted)
            Assert.IsType<JsonArray>(Parse(json).Root);
        else
            Assert.Throws<DecodeException>(() => Parse(json));
    }

    [Fact]
    public void ParseObject_OfAnArray_Throws() => Assert.Throws<DecodeException>(() => StrictJson.ParseObject("[]"u8));

    private static ParsedDocument Parse(string json) => StrictJson.Parse(Encoding.UTF8.GetBytes(json));
}
