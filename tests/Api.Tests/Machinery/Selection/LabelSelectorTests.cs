using ControlPlane.Api.Machinery.Selection;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Selection;

public class LabelSelectorTests
{
    [Theory]
    [InlineData("", true)]
    [InlineData("app=web", true)]
    [InlineData("app==web", true)]
    [InlineData(" app = web , tier ", true)]
    [InlineData("app=api", false)]
    [InlineData("app!=api", true)]
    [InlineData("none!=api", true)]
    [InlineData("app in (web,api)", true)]
    [InlineData("app notin (web,api)", false)]
    [InlineData("none notin (a)", true)]
    [InlineData("none in (a)", false)]
    [InlineData("tier", true)]
    [InlineData("!tier", false)]
    [InlineData("!none", true)]
    [InlineData("n>5", true)]
    [InlineData("n>7", false)]
    [InlineData("n<8", true)]
    [InlineData("app>1", false)]
    [InlineData("none<8", false)]
    [InlineData("tier=", true)]
    [InlineData("tier in (,x)", true)]
    [InlineData("example.com/in in (in,notin)", true)]
    [InlineData("app=web,n=8", false)]
    public void Matches_EvaluatesEveryForm(string selector, bool expected)
    {
        const string Labels = """{"app":"web","tier":"","n":"7","example.com/in":"in"}""";
        var parsed = LabelSelector.Parse(selector);
        Assert.Equal(expected, parsed.Matches(Trees.Object(Labels)));
        Assert.Equal(expected, parsed.Matches(Trees.Object(Labels).ToDictionary(label => label.Key, label => label.Value!.GetValue<string>())));
        Assert.Equal(expected, LabelSelector.Parse(parsed.ToString()).Matches(Trees.Object(Labels)));
    }

    [Theory]
    [InlineData("app in x", "unable to parse requirement: found 'x' expected: '('")]
    [InlineData("app in (x", "unable to parse requirement: found '', expected: ',' or ')'")]
    [InlineData("app x", "unable to parse requirement: found 'x', expected: in, notin, =, ==, !=, gt, lt")]
    [InlineData("=x", "found '=', expected: !, identifier, or 'end of string'")]
    [InlineData("a=b,", "found '', expected: identifier after ','")]
    [InlineData("a=b c", "found 'c', expected: ',' or 'end of string'")]
    [InlineData("a=!", "unable to parse requirement: found '!', expected: identifier")]
    [InlineData("!", "unable to parse requirement: found '', expected: identifier")]
    [InlineData("a in ()", "values: Invalid value: []: for 'in', 'notin' operators, values set can't be empty")]
    [InlineData("a>x", "values[0][a]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer")]
    public void Parse_Malformed_SaysWhatItFound(string selector, string message) =>
        Assert.Equal(message, Assert.Throws<SelectorException>(() => LabelSelector.Parse(selector)).Message);

    [Theory]
    [InlineData("-a=b", "key: Invalid value: \"-a\": name part must consist of")]
    [InlineData("a=-b", "values[0][a]: Invalid value: \"-b\": a valid label must be an empty string or consist of")]
    [InlineData("a/b/c=d", "key: Invalid value: \"a/b/c\": a qualified name must consist of")]
    public void Parse_NotALabel_NamesTheRule(string selector, string start) =>
        Assert.StartsWith(start, Assert.Throws<SelectorException>(() => LabelSelector.Parse(selector)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{}""", "", true)]
    [InlineData("""{"matchLabels":{"app":"web"}}""", "app=web", true)]
    [InlineData("""{"matchExpressions":[{"key":"app","operator":"In","values":["b","web"]}]}""", "app in (b,web)", true)]
    [InlineData("""{"matchLabels":{"app":"web"},"matchExpressions":[{"key":"zz","operator":"Exists"}]}""", "app=web,zz", false)]
    [InlineData("""{"matchExpressions":[{"key":"zz","operator":"DoesNotExist"},{"key":"app","operator":"NotIn","values":["x"]}]}""", "app notin (x),!zz", true)]
    public void FromObject_MeansTheSameAsTheQueryForm(string selector, string text, bool matches)
    {
        var parsed = LabelSelector.FromObject(Trees.Object(selector));
        Assert.Equal(text, parsed.ToString());
        Assert.Equal(matches, parsed.Matches(Trees.Object("""{"app":"web"}""")));
    }

    [Fact]
    public void FromObject_Absent_SelectsNothing() => Assert.False(LabelSelector.FromObject(null).Matches(Trees.Object("{}")));

    [Fact]
    public void FromObject_UnknownOperator_Throws() =>
        Assert.Throws<SelectorException>(() => LabelSelector.FromObject(Trees.Object("""{"matchExpressions":[{"key":"a","operator":"Like"}]}""")));
}
