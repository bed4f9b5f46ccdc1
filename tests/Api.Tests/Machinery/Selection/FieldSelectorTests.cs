using ControlPlane.Api.Machinery.Selection;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Selection;

public class FieldSelectorTests
{
    private const string Pod = """{"metadata":{"name":"p0","namespace":"ns"},"spec":{"nodeName":"n1","hostNetwork":true,"n":3},"status":{"message":"a,b=c\\d"}}""";

    [Theory]
    [InlineData("", true)]
    [InlineData("metadata.name=p0", true)]
    [InlineData("metadata.name==p0,metadata.namespace=ns", true)]
    [InlineData("metadata.name!=p0", false)]
    [InlineData("spec.nodeName=n2", false)]
    [InlineData("status.phase!=Failed,status.phase!=Succeeded", true)]
    [InlineData("status.phase=", true)]
    [InlineData("spec.nodeName=", false)]
    [InlineData("spec.hostNetwork=true", true)]
    [InlineData("spec.n=3", true)]
    [InlineData(@"status.message=a\,b\=c\\d", true)]
    [InlineData("metadata.name=p0,,", true)]
    public void Matches_EvaluatesEveryForm(string selector, bool expected)
    {
        var parsed = FieldSelector.Parse(selector);
        Assert.Equal(expected, parsed.Matches(Trees.Object(Pod)));
        Assert.Equal(expected, FieldSelector.Parse(parsed.ToString()).Matches(Trees.Object(Pod)));
    }

    [Theory]
    [InlineData("metadata.name", "invalid selector: 'metadata.name'; can't understand 'metadata.name'")]
    [InlineData("a=b,c", "invalid selector: 'a=b,c'; can't understand 'c'")]
    [InlineData(@"a=\x", @"invalid field selector: invalid escape sequence: \x")]
    [InlineData("a=b=c", "invalid field selector: unescaped character in value: =")]
    public void Parse_Malformed_SaysWhy(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<SelectorException>(() => FieldSelector.Parse(selector)).Message);

    [Fact]
    public void TryGetExact_PinnedField_GivesTheValue()
    {
        var parsed = FieldSelector.Parse("spec.nodeName!=n1,metadata.name=p0");
        Assert.True(parsed.TryGetExact("metadata.name", out var name));
        Assert.Equal("p0", name);
        Assert.False(parsed.TryGetExact("spec.nodeName", out _));
    }
}
