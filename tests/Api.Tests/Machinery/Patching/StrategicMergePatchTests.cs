using ControlPlane.Api.Machinery.Patching;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Tests.Machinery.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Patching;

public class StrategicMergePatchTests
{
    private static readonly ResourceSchema Item = SchemaValidatorTests.Object(
        ("name", Text),
        ("image", Text),
        ("env", List(PatchStrategies.Merge, "name", SchemaValidatorTests.Object(("name", Text), ("value", Text)))),
        ("args", List(PatchStrategies.None, null, Text)));

    private static readonly ResourceSchema Schema = SchemaValidatorTests.Object(
        ("containers", List(PatchStrategies.Merge, "name", Item)),
        ("finalizers", List(PatchStrategies.Merge, null, Text)),
        ("atomic", List(PatchStrategies.None, null, Item)),
        ("strategy", SchemaValidatorTests.Object(("type", Text), ("rolling", Item))),
        ("labels", new ResourceSchema { Type = SchemaType.Object, AdditionalProperties = Text }));

    private static ResourceSchema Text => new() { Type = SchemaType.String };

    [Theory]
    // Maps merge, null deletes, scalars replace.
    [InlineData("""{"labels":{"a":"1","b":"2"}}""", """{"labels":{"a":null,"c":"3"}}""", """{"labels":{"b":"2","c":"3"}}""")]
    [InlineData("""{}""", """{"labels":{"a":null,"c":"3"}}""", """{"labels":{"c":"3"}}""")]
    [InlineData("""{"labels":{"a":"1"}}""", """{"labels":{"$patch":"replace","z":"9"}}""", """{"labels":{"z":"9"}}""")]
    [InlineData("""{"labels":{"a":"1"}}""", """{"labels":{"$patch":"delete"}}""", """{"labels":{}}""")]
    [InlineData("""{"labels":{"a":"1"}}""", """{"labels":{"$patch":"merge","z":"9"}}""", """{"labels":{"a":"1","z":"9"}}""")]
    [InlineData("""{"labels":5}""", """{"labels":{"a":"1"}}""", """{"labels":{"a":"1"}}""")]
    // Lists without a strategy are replaced.
    [InlineData("""{"atomic":[{"name":"a"}]}""", """{"atomic":[{"name":"b"}]}""", """{"atomic":[{"name":"b"}]}""")]
    [InlineData("""{"unknown":[1]}""", """{"unknown":[2]}""", """{"unknown":[2]}""")]
    // Lists of objects merge by key.
    [InlineData("""{"containers":[{"name":"a","image":"1"},{"name":"b","image":"1"}]}""", """{"containers":[{"name":"b","image":"2"}]}""", """{"containers":[{"name":"a","image":"1"},{"name":"b","image":"2"}]}""")]
    [InlineData("""{"containers":[{"name":"a"}]}""", """{"containers":[{"name":"b","image":null,"env":[{"name":"x","$patch":"delete"}]}]}""", """{"containers":[{"name":"b","env":[]},{"name":"a"}]}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"containers":[{"name":"a","$patch":"delete"}]}""", """{"containers":[{"name":"b"}]}""")]
    [InlineData("""{"containers":[{"name":"a"}]}""", """{"containers":[{"$patch":"replace"},{"name":"z"}]}""", """{"containers":[{"name":"z"}]}""")]
    [InlineData("""{"containers":[{"name":"a","env":[{"name":"x","value":"1"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"}]}]}""", """{"containers":[{"name":"a","env":[{"name":"y","value":"2"},{"name":"x","value":"1"}]}]}""")]
    [InlineData("""{"containers":[{"name":"a","args":["1"]}]}""", """{"containers":[{"name":"a","args":["2"]}]}""", """{"containers":[{"name":"a","args":["2"]}]}""")]
    // Lists of scalars are sets.
    [InlineData("""{"finalizers":["a","b"]}""", """{"finalizers":["b","c"]}""", """{"finalizers":["a","b","c"]}""")]
    [InlineData("""{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a","z"]}""", """{"finalizers":["b"]}""")]
    [InlineData("""{}""", """{"$deleteFromPrimitiveList/finalizers":["a"]}""", """{}""")]
    [InlineData("""{"finalizers":["a","b"]}""", """{"$deleteFromPrimitiveList/finalizers":["a"],"finalizers":["c"],"$setElementOrder/finalizers":["c","b"]}""", """{"finalizers":["c","b"]}""")]
    // Orders.
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"},{"name":"c"}]}""", """{"$setElementOrder/containers":[{"name":"c"},{"name":"a"}],"containers":[{"name":"a","image":"2"}]}""", """{"containers":[{"name":"b"},{"name":"c"},{"name":"a","image":"2"}]}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b"},{"name":"a"}]}""")]
    [InlineData("""{}""", """{"$setElementOrder/containers":[{"name":"b"},{"name":"a"}],"containers":[{"name":"b"},{"name":"a"}]}""", """{"containers":[{"name":"b"},{"name":"a"}]}""")]
    [InlineData("""{}""", """{"$setElementOrder/containers":[{"name":"b"}]}""", """{}""")]
    [InlineData("""{"containers":[{"name":"a"},{"name":"b"}]}""", """{"$setElementOrder/containers":[{"name":"b"}],"containers":[{"$patch":"delete","name":"a"}]}""", """{"containers":[{"name":"b"}]}""")]
    // Retained keys.
    [InlineData("""{"strategy":{"type":"Rolling","rolling":{"name":"x"}}}""", """{"strategy":{"$retainKeys":["type"],"type":"Recreate"}}""", """{"strategy":{"type":"Recreate"}}""")]
    public void Apply_EveryRule_GivesTheExpectedObject(string target, string patch, string expected)
    {
        var (before, change) = (Trees.Object(target), Trees.Object(patch));
        var result = StrategicMergePatch.Apply(before, change, Schema);
        Trees.AssertSame(expected, result);
        Trees.AssertSame(target, before);
        Trees.AssertSame(patch, change);
    }

    [Theory]
    [InlineData("""{"labels":{"$patch":"explode"}}""", "unknown patch type found: \"explode\" in map")]
    [InlineData("""{"containers":[{"image":"x"}]}""", "map: {\"image\":\"x\"} does not contain declared merge key: name")]
    [InlineData("""{"containers":[{"name":"a","$patch":"explode"}]}""", "unknown patch type found: \"explode\" in map")]
    [InlineData("""{"strategy":{"$retainKeys":["type"],"rolling":{}}}""", "invalid patch format of retainKeys: every field of the patch must be listed in $retainKeys")]
    [InlineData("""{"$setElementOrder/containers":{}}""", "$setElementOrder/containers must be a list")]
    [InlineData("""{"$deleteFromPrimitiveList/finalizers":1}""", "$deleteFromPrimitiveList/finalizers must be a list")]
    public void Apply_MisusedDirective_IsTheClientsFault(string patch, string message)
    {
        var target = Trees.Object("""{"labels":{},"strategy":{},"containers":[{"name":"a"}]}""");
        var failure = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply(target, Trees.Object(patch), Schema));
        Assert.Equal(PatchFault.Malformed, failure.Fault);
        Assert.Equal(message, failure.Message);
    }

    [Theory]
    [InlineData("""[{"name":"b"}]""", """[{"name":"a"},{"name":"b"}]""")]
    [InlineData("""[{"name":"a"},{"name":"b"}]""", """[{"name":"b"},{"name":"a"}]""")]
    public void Apply_ItemsOutsideTheDeclaredOrder_AreRefused(string order, string items)
    {
        var patch = Trees.Object($$"""{"$setElementOrder/containers":{{order}},"containers":{{items}}}""");
        var failure = Assert.Throws<PatchException>(() => StrategicMergePatch.Apply([], patch, Schema));
        Assert.StartsWith("The order in patch list:", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Apply_Twice_ChangesNothingMore()
    {
        var random = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            var patch = RandomDocument(random);
            var once = StrategicMergePatch.Apply(RandomDocument(random), patch, Schema);
            Trees.AssertSame(once.ToJsonString(), StrategicMergePatch.Apply(once, patch, Schema));
        }
    }

    private static System.Text.Json.Nodes.JsonObject RandomDocument(Random random)
    {
        string[] names = ["a", "b", "c", "d"];
        var containers = names.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).Select(name => $$"""{"name":"{{name}}","image":"{{random.Next(3)}}"}""");
        var finalizers = names.Where(_ => random.Next(2) == 0).OrderBy(_ => random.Next()).Select(name => $"\"{name}\"");
        return Trees.Object($$"""{"containers":[{{string.Join(',', containers)}}],"finalizers":[{{string.Join(',', finalizers)}}],"labels":{"x":"{{random.Next(3)}}"} }""");
    }

    private static ResourceSchema List(PatchStrategies strategy, string? key, ResourceSchema items) =>
        new() { Type = SchemaType.Array, Items = items, PatchStrategy = strategy, PatchMergeKey = key };
}
