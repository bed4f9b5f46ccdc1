using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Schema;

public class SchemaValidatorTests
{
    private static readonly ResourceSchema Schema = Object(
        ("replicas", new ResourceSchema { Type = SchemaType.Integer, Minimum = 0, Format = "int32" }),
        ("color", new ResourceSchema { Type = SchemaType.String, Enum = ["red", "blue"] }),
        ("name", new ResourceSchema { Type = SchemaType.String, MinLength = 2, MaxLength = 4, Pattern = "^[a-z]+$" }),
        ("share", new ResourceSchema { Type = SchemaType.Number, Maximum = 1, ExclusiveMaximum = true, MultipleOf = 0.1 }),
        ("tags", new ResourceSchema { Type = SchemaType.Array, ListType = ListType.Set, MaxItems = 3, Items = new ResourceSchema { Type = SchemaType.String } }),
        ("ports", new ResourceSchema
        {
            Type = SchemaType.Array,
            ListType = ListType.Map,
            ListMapKeys = ["port", "protocol"],
            Items = Object(["port"], ("port", new ResourceSchema { Type = SchemaType.Integer }), ("protocol", new ResourceSchema { Type = SchemaType.String })),
        }),
        ("target", new ResourceSchema { IntOrString = true }),
        ("at", new ResourceSchema { Type = SchemaType.String, Format = "date-time" }),
        ("labels", new ResourceSchema { Type = SchemaType.Object, MaxProperties = 1, AdditionalProperties = new ResourceSchema { Type = SchemaType.String } }),
        ("maybe", new ResourceSchema { Type = SchemaType.String, Nullable = true }),
        ("one", new ResourceSchema { OneOf = [new ResourceSchema { Required = ["a"] }, new ResourceSchema { Required = ["b"] }] }));

    [Theory]
    [InlineData("""{"replicas":-1}""", "spec.replicas: Invalid value: -1: spec.replicas in body should be greater than or equal to 0")]
    [InlineData("""{"replicas":"x"}""", "spec.replicas: Invalid value: \"string\": spec.replicas in body must be of type integer: \"string\"")]
    [InlineData("""{"replicas":1.5}""", "spec.replicas: Invalid value: \"number\": spec.replicas in body must be of type integer: \"number\"")]
    [InlineData("""{"replicas":null}""", "spec.replicas: Invalid value: \"null\": spec.replicas in body must be of type integer: \"null\"")]
    [InlineData("""{"replicas":3000000000}""", "spec.replicas: Invalid value: 3000000000: spec.replicas in body must be of type int32: 3000000000")]
    [InlineData("""{"color":"green"}""", "spec.color: Unsupported value: \"green\": supported values: \"red\", \"blue\"")]
    [InlineData("""{"name":"a"}""", "spec.name: Invalid value: \"a\": spec.name in body should be at least 2 chars long")]
    [InlineData("""{"name":"abcde"}""", "spec.name: Too long: may not be more than 4 bytes")]
    [InlineData("""{"name":"A1"}""", "spec.name: Invalid value: \"A1\": spec.name in body should match '^[a-z]+$'")]
    [InlineData("""{"share":1}""", "spec.share: Invalid value: 1: spec.share in body should be less than 1")]
    [InlineData("""{"share":0.25}""", "spec.share: Invalid value: 0.25: spec.share in body should be a multiple of 0.1")]
    [InlineData("""{"tags":["a","b","a"]}""", "spec.tags[2]: Duplicate value: \"a\"")]
    [InlineData("""{"tags":["a","b","c","d"]}""", "spec.tags: Too many: 4: must have at most 3 items")]
    [InlineData("""{"tags":[1]}""", "spec.tags[0]: Invalid value: \"number\": spec.tags[0] in body must be of type string: \"number\"")]
    [InlineData("""{"ports":[{"port":1,"protocol":"TCP"},{"port":1,"protocol":"TCP"}]}""", "spec.ports[1]: Duplicate value: {\"port\":1,\"protocol\":\"TCP\"}")]
    [InlineData("""{"ports":[{"protocol":"TCP"}]}""", "spec.ports[0].port: Required value")]
    [InlineData("""{"target":true}""", "spec.target: Invalid value: \"boolean\": spec.target in body must be of type integer,string: \"boolean\"")]
    [InlineData("""{"at":"yesterday"}""", "spec.at: Invalid value: \"yesterday\": spec.at in body must be of type date-time: \"yesterday\"")]
    [InlineData("""{"labels":{"a.b/c":1}}""", "spec.labels[a.b/c]: Invalid value: \"number\": spec.labels[a.b/c] in body must be of type string: \"number\"")]
    [InlineData("""{"labels":{"a":"","b":""}}""", "spec.labels: Too many: 2: must have at most 1 items")]
    [InlineData("""{"one":{"a":1,"b":1}}""", "spec.one: Invalid value: {\"a\":1,\"b\":1}: \"spec.one\" must validate one and only one schema (oneOf). Found 2 valid alternatives")]
    [InlineData("""[]""", "spec: Invalid value: \"array\": spec in body must be of type object: \"array\"")]
    public void Validate_OneViolation_IsReportedInKubernetesWords(string json, string expected) => Assert.Equal([expected], Errors(json));

    [Theory]
    [InlineData("""{"replicas":2147483647,"color":"red","name":"ab","share":0.3,"tags":["a","b"],"target":"http","labels":{"a":"b"},"maybe":null}""")]
    [InlineData("""{"replicas":1.0,"target":80,"ports":[{"port":1,"protocol":"TCP"},{"port":1,"protocol":"UDP"},{"port":1}],"unknown":{}}""")]
    [InlineData("""{"at":"2024-01-02T03:04:05.123456Z","one":{"a":1},"name":"éé"}""", "spec.name")]
    public void Validate_Valid_ReportsNothing(string json, string? onlyField = null) =>
        Assert.All(Errors(json), error => Assert.StartsWith(onlyField ?? "nothing", error, StringComparison.Ordinal));

    [Fact]
    public void Validate_SeveralViolations_ReportsAll() => Assert.Equal(3, Errors("""{"replicas":-1,"color":"green","name":"a"}""").Count);

    [Fact]
    public void Validate_HostilePattern_IsLinear()
    {
        var schema = new ResourceSchema { Type = SchemaType.String, Pattern = "^(a+)+$" };
        var errors = new List<FieldError>();
        SchemaValidator.Validate(new string('a', 50_000) + "!", schema, FieldPath.Of("x"), errors);
        Assert.Single(errors);
    }

    internal static ResourceSchema Object(params (string Name, ResourceSchema Schema)[] fields) => Object([], fields);

    internal static ResourceSchema Object(string[] required, params (string Name, ResourceSchema Schema)[] fields) => new()
    {
        Type = SchemaType.Object,
        Required = required,
        Properties = new SchemaProperties(fields.Select(field => KeyValuePair.Create(field.Name, field.Schema))),
    };

    private static List<string> Errors(string json)
    {
        var errors = new List<FieldError>();
        SchemaValidator.Validate(Trees.Node(json), Schema, FieldPath.Of("spec"), errors);
        return [.. errors.Select(error => error.ToString())];
    }
}
