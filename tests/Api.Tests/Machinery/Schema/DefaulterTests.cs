using ControlPlane.Api.Machinery.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Schema;

public class DefaulterTests
{
    private static readonly ResourceSchema Schema = SchemaValidatorTests.Object(
        ("replicas", new ResourceSchema { Type = SchemaType.Integer, Default = 1 }),
        ("image", new ResourceSchema { Type = SchemaType.String }),
        ("note", new ResourceSchema { Type = SchemaType.String, Nullable = true, Default = "n" }),
        ("any", new ResourceSchema { PreserveUnknownFields = true }),
        ("strategy", Strategy(isDefaulted: true)),
        ("other", Strategy(isDefaulted: false)),
        ("list", new ResourceSchema { Type = SchemaType.Array, Items = Strategy(isDefaulted: false) }),
        ("map", new ResourceSchema { Type = SchemaType.Object, AdditionalProperties = Strategy(isDefaulted: false) }));

    [Theory]
    [InlineData("{}", """{"replicas":1,"note":"n","strategy":{"type":"Rolling"}}""")]
    [InlineData("""{"replicas":null,"image":null}""", """{"replicas":1,"note":"n","strategy":{"type":"Rolling"}}""")]
    [InlineData("""{"replicas":0,"note":null,"any":null,"strategy":{"type":"X"}}""", """{"replicas":0,"note":null,"any":null,"strategy":{"type":"X"}}""")]
    [InlineData(
        """{"replicas":2,"note":"","strategy":{},"other":{},"list":[{},{"type":null}],"map":{"a":{},"b":null}}""",
        """{"replicas":2,"note":"","strategy":{"type":"Rolling"},"other":{"type":"Rolling"},"list":[{"type":"Rolling"},{"type":"Rolling"}],"map":{"a":{"type":"Rolling"}}}""")]
    public void Apply_FillsWhatIsAbsent(string before, string after)
    {
        var node = Trees.Object(before);
        Defaulter.Apply(node, Schema);
        Trees.AssertSame(after, node);
        Defaulter.Apply(node, Schema);
        Trees.AssertSame(after, node);
    }

    private static ResourceSchema Strategy(bool isDefaulted) => new()
    {
        Type = SchemaType.Object,
        Default = isDefaulted ? Trees.Object("{}") : null,
        Properties = new SchemaProperties([KeyValuePair.Create("type", new ResourceSchema { Type = SchemaType.String, Default = "Rolling" })]),
    };
}
