using ControlPlane.Api.Machinery.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Schema;

public class UnknownFieldsTests
{
    private static readonly ResourceSchema Schema = SchemaValidatorTests.Object(
        ("spec", SchemaValidatorTests.Object(
            ("image", new ResourceSchema { Type = SchemaType.String }),
            ("containers", new ResourceSchema { Type = SchemaType.Array, Items = SchemaValidatorTests.Object(("name", new ResourceSchema { Type = SchemaType.String })) }),
            ("labels", new ResourceSchema { Type = SchemaType.Object, AdditionalProperties = new ResourceSchema { Type = SchemaType.String } }),
            ("raw", new ResourceSchema { Type = SchemaType.Object, PreserveUnknownFields = true }),
            ("template", new ResourceSchema
            {
                Type = SchemaType.Object,
                EmbeddedResource = true,
                Properties = new SchemaProperties([KeyValuePair.Create("spec", SchemaValidatorTests.Object())]),
            }))));

    private const string Document = """
        {"spec":{"image":"x","Image":"x","foo":1,"containers":[{"name":"a"},{"name":"b","bar":{}}],"labels":{"any":"thing"},
        "raw":{"deep":{"er":1}},"template":{"kind":"K","apiVersion":"v","metadata":{"a":1},"spec":{"z":1}}},"bar":2}
        """;

    [Fact]
    public void Find_ListsEveryPathAndChangesNothing()
    {
        var node = Trees.Object(Document);
        var found = new List<string>();
        UnknownFields.Find(node, Schema, found);
        Assert.Equal(["bar", "spec.Image", "spec.containers[1].bar", "spec.foo", "spec.template.spec.z"], found.Order(StringComparer.Ordinal));
        Trees.AssertSame(Document, node);
    }

    [Fact]
    public void Prune_RemovesExactlyWhatFindReports()
    {
        var node = Trees.Object(Document);
        UnknownFields.Prune(node, Schema);
        Trees.AssertSame(
            """
            {"spec":{"image":"x","containers":[{"name":"a"},{"name":"b"}],"labels":{"any":"thing"},"raw":{"deep":{"er":1}},
            "template":{"kind":"K","apiVersion":"v","metadata":{"a":1},"spec":{}}}}
            """,
            node);
        var left = new List<string>();
        UnknownFields.Find(node, Schema, left);
        Assert.Empty(left);
    }
}
