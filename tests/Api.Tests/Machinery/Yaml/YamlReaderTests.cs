using System.Text;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Yaml;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Yaml;

public class YamlReaderTests
{
    // What kubectl's reader makes of these, recorded from kubectl.
    [Theory]
    [InlineData("y", "true")]
    [InlineData("yes", "true")]
    [InlineData("on", "true")]
    [InlineData("TRUE", "true")]
    [InlineData("n", "false")]
    [InlineData("No", "false")]
    [InlineData("OFF", "false")]
    [InlineData("~", "null")]
    [InlineData("", "null")]
    [InlineData("0777", "511")]
    [InlineData("0o17", "15")]
    [InlineData("0x1F", "31")]
    [InlineData("0b101", "5")]
    [InlineData("1_000", "1000")]
    [InlineData("+5", "5")]
    [InlineData("1e3", "1000")]
    [InlineData("1.0", "1")]
    [InlineData("1.50", "1.5")]
    [InlineData("010.5", "10.5")]
    [InlineData("08", "8")]
    [InlineData("-0x10", "-16")]
    [InlineData(".5", "0.5")]
    [InlineData("9223372036854775807", "9223372036854775807")]
    [InlineData("-9223372036854775808", "-9223372036854775808")]
    [InlineData("12345678901234567890", "12345678901234567000")]
    [InlineData("1e400", "\"1e400\"")]
    [InlineData("12:30:45", "\"12:30:45\"")]
    [InlineData("2024-01-02", "\"2024-01-02\"")]
    [InlineData("2024-01-02T03:04:05Z", "\"2024-01-02T03:04:05Z\"")]
    [InlineData("\"yes\"", "\"yes\"")]
    [InlineData("!!str 123", "\"123\"")]
    [InlineData("!!binary aGVsbG8=", "\"hello\"")]
    [InlineData("!!int \"3\"", "3")]
    [InlineData("!custom x", "\"x\"")]
    [InlineData("|\n  a\n  b\n", "\"a\\nb\\n\"")]
    [InlineData(">-\n  a\n  b\n", "\"a b\"")]
    [InlineData("'it''s'", "\"it's\"")]
    [InlineData("1.2.3", "\"1.2.3\"")]
    [InlineData("-", "[null]")]
    [InlineData("- - a\n  - b\n- {c: [1, 2,]}", """[["a","b"],{"c":[1,2]}]""")]
    public void Read_Scalars_MeanWhatKubectlMakesOfThem(string yaml, string json) => Trees.AssertSame(json, Read(yaml).Root);

    [Theory]
    [InlineData("1: a\ntrue: b\n1.5: c\ny: d", """{"1":"a","true":"d","1.5":"c"}""")]
    [InlineData("a: &x 1\nb: *x", """{"a":1,"b":1}""")]
    [InlineData("base: &b {p: 1, q: 2}\nuse:\n  q: 3\n  <<: *b", """{"base":{"p":1,"q":2},"use":{"q":3,"p":1}}""")]
    [InlineData("a: &a {x: 1}\nb: &b {x: 2, z: 2}\nc: {<<: [*a, *b]}", """{"a":{"x":1},"b":{"x":2,"z":2},"c":{"x":1,"z":2}}""")]
    [InlineData("a: &l [1]\nb: *l\nc: *l", """{"a":[1],"b":[1],"c":[1]}""")]
    [InlineData("{\"a\": 1}\n", """{"a":1}""")]
    [InlineData("{a: 1}", """{"a":1}""")]
    [InlineData("# only a comment", "null")]
    [InlineData("---\na: 1\n...\n", """{"a":1}""")]
    public void Read_Structure_BecomesJson(string yaml, string json) => Trees.AssertSame(json, Read(yaml).Root);

    [Fact]
    public void Read_DuplicateKeys_KeepsTheLastAndReportsTheLine()
    {
        var document = Read("apiVersion: v1\nspec:\n  a:\n  - replicas: 1\n    image: x\n    replicas: 2\n");
        Trees.AssertSame("""{"apiVersion":"v1","spec":{"a":[{"replicas":2,"image":"x"}]}}""", document.Root);
        var duplicate = Assert.Single(document.Duplicates);
        Assert.Equal("line 6: key \"replicas\" already set in map", duplicate.ToString());
        Assert.Equal("spec.a[0].replicas", duplicate.Path);
    }

    [Fact]
    public void Read_DuplicateKeysInJson_AreReportedToo() =>
        Assert.Equal("line 2: key \"a\" already set in map", Assert.Single(Read("{\"a\":1,\n\"a\":2}").Duplicates).ToString());

    [Theory]
    [InlineData("a: .inf", "json: unsupported value: .inf")]
    [InlineData("a: b: c", "line 1")]
    [InlineData("a: *nope", "anchor")]
    [InlineData("a: &a [*a]", "unfinished anchor")]
    [InlineData("? [a]\n: b", "unsupported map key")]
    [InlineData("~: b", "unsupported map key")]
    [InlineData("a: !!int x", "!!int")]
    [InlineData("a: !!binary '***'", "base64")]
    [InlineData("a: 1\n---\nb: 2", "expected one document, found 2")]
    [InlineData("<<: 5", "map merge")]
    [InlineData("a:\n\tb: 1", "While scanning")]
    [InlineData("{\"a\":", "yaml: line")]
    public void Read_Refused_SaysWhy(string yaml, string part) =>
        Assert.Contains(part, Assert.Throws<DecodeException>(() => Read(yaml)).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void Read_AliasBomb_IsRefused()
    {
        var yaml = new StringBuilder("a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n");
        for (var i = 1; i < 12; i++)
            yaml.Append(System.Globalization.CultureInfo.InvariantCulture, $"a{i}: &a{i} [*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1},*a{i - 1}]\n");
        Assert.Contains("excessive aliasing", Assert.Throws<DecodeException>(() => Read(yaml.ToString())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_DeepNesting_IsRefused() => Assert.Throws<DecodeException>(() => Read(new string('[', 100_000)));

    [Fact]
    public void Read_InvalidUtf8_IsRefused() => Assert.Throws<DecodeException>(() => YamlReader.Read([0x61, 0x3a, 0x20, 0xff]));

    [Fact]
    public void ReadAll_SeveralDocuments_KeepsTheirOrder()
    {
        var documents = YamlReader.ReadAll("a: 1\n---\n---\nb: 2\n"u8);
        Assert.Equal(["{\"a\":1}", null, "{\"b\":2}"], documents.Select(document => document.Root?.ToJsonString()));
    }

    private static YamlDocument Read(string yaml) => YamlReader.Read(Encoding.UTF8.GetBytes(yaml));
}
