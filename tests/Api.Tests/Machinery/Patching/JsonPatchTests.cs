using ControlPlane.Api.Machinery.Patching;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Patching;

public class JsonPatchTests
{
    [Theory]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"/b","value":2}]""", """{"a":1,"b":2}""")]
    [InlineData("""{"a":1}""", """[{"op":"add","path":"","value":[1]}]""", """[1]""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/-","value":3},{"op":"add","path":"/a/0","value":0}]""", """{"a":[0,1,2,3]}""")]
    [InlineData("""{"a":[1,2]}""", """[{"op":"add","path":"/a/2","value":3}]""", """{"a":[1,2,3]}""")]
    [InlineData("""{"a~b/c":1}""", """[{"op":"replace","path":"/a~0b~1c","value":null}]""", """{"a~b/c":null}""")]
    [InlineData("""{"a":{"b":1}}""", """[{"op":"remove","path":"/a/b"},{"op":"test","path":"/a","value":{}}]""", """{"a":{}}""")]
    [InlineData("""{"a":{"b":[1]},"c":2}""", """[{"op":"move","from":"/a/b","path":"/d"},{"op":"copy","from":"/d/0","path":"/c"}]""", """{"a":{},"c":1,"d":[1]}""")]
    [InlineData("""{"a":1}""", """[{"op":"test","path":"/a","value":1.0}]""", """{"a":1}""")]
    [InlineData("""{"a":null}""", """[{"op":"test","path":"/a","value":null},{"op":"copy","from":"/a","path":"/b"}]""", """{"a":null,"b":null}""")]
    [InlineData("""{"":{"":1}}""", """[{"op":"replace","path":"//","value":2}]""", """{"":{"":2}}""")]
    public void Apply_Applicable_ChangesTheDocument(string document, string patch, string expected)
    {
        var before = Trees.Node(document);
        Trees.AssertSame(expected, JsonPatch.Parse(Trees.Node(patch)).Apply(before));
        Trees.AssertSame(document, before);
    }

    [Theory]
    [InlineData("""[{"op":"test","path":"/a","value":2}]""", "testing value /a failed: test failed")]
    [InlineData("""[{"op":"remove","path":"/x"}]""", "remove operation does not apply: doc is missing path: \"/x\": missing value")]
    [InlineData("""[{"op":"replace","path":"/x","value":1}]""", "replace operation does not apply: doc is missing path: \"/x\": missing value")]
    [InlineData("""[{"op":"add","path":"/x/y","value":1}]""", "add operation does not apply: doc is missing path: \"/x/y\": missing value")]
    [InlineData("""[{"op":"add","path":"/l/3","value":1}]""", "Unable to access invalid index: 3: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"/l/01"}]""", "Unable to access invalid index: 01: invalid index referenced")]
    [InlineData("""[{"op":"remove","path":"/l/-"}]""", "Unable to access invalid index: -: invalid index referenced")]
    [InlineData("""[{"op":"move","from":"/o","path":"/o/p"}]""", "move operation does not apply: \"/o\" cannot move into itself")]
    [InlineData("""[{"op":"add","path":"/a/b","value":1}]""", "add operation does not apply: doc is missing path: \"/a/b\": missing value")]
    public void Apply_NotApplicable_SaysWhy(string patch, string message)
    {
        var document = Trees.Node("""{"a":1,"l":[1,2],"o":{}}""");
        var failure = Assert.Throws<PatchException>(() => JsonPatch.Parse(Trees.Node(patch)).Apply(document));
        Assert.Equal(PatchFault.NotApplicable, failure.Fault);
        Assert.Equal(message, failure.Message);
        Trees.AssertSame("""{"a":1,"l":[1,2],"o":{}}""", document);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("""[{"path":"/a"}]""")]
    [InlineData("""[{"op":"add","path":"/a"}]""")]
    [InlineData("""[{"op":"add","value":1}]""")]
    [InlineData("""[{"op":"move","path":"/a"}]""")]
    [InlineData("""[{"op":"explode","path":"/a"}]""")]
    [InlineData("""[{"op":"remove","path":"a"}]""")]
    public void Parse_Malformed_IsTheClientsFault(string patch) =>
        Assert.Equal(PatchFault.Malformed, Assert.Throws<PatchException>(() => JsonPatch.Parse(Trees.Node(patch))).Fault);

    [Fact]
    public void Parse_TooManyOperations_IsRefused()
    {
        var patch = "[" + string.Join(',', Enumerable.Repeat("""{"op":"remove","path":"/a"}""", JsonPatch.MaxOperations + 1)) + "]";
        var failure = Assert.Throws<PatchException>(() => JsonPatch.Parse(Trees.Node(patch)));
        Assert.Equal(PatchFault.TooLarge, failure.Fault);
        Assert.Equal("The allowed maximum operations in a JSON patch is 10000, got 10001", failure.Message);
    }

    [Fact]
    public void Apply_DoublingCopies_AreStoppedBeforeMemoryIs()
    {
        var doubling = string.Join(',', Enumerable.Range(0, 64).Select(_ => """{"op":"copy","from":"/a","path":"/a/-"}"""));
        var patch = JsonPatch.Parse(Trees.Node($"[{doubling}]"));
        Assert.Equal(PatchFault.TooLarge, Assert.Throws<PatchException>(() => patch.Apply(Trees.Node("""{"a":["xxxxxxxx"]}"""))).Fault);
    }
}
