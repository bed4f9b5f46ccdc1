using System.Reflection;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Schema;

public class SchemaFromTypeTests
{
    public static TheoryData<Type> Kinds =>
        [.. typeof(Resource).Assembly.GetTypes().Where(type => type.IsDefined(typeof(ResourceAttribute)) && !type.IsAbstract)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Build_EveryShippedKind_HasMetadataAndDescribedFields(Type kind)
    {
        var schema = SchemaFromType.Build(kind);

        Assert.Equal(SchemaType.Object, schema.Type);
        Assert.Equal(["apiVersion", "kind", "metadata"], schema.Properties.Ordered.Take(3).Select(property => property.Key));
        Assert.All(schema.Properties.Ordered, property => Assert.False(string.IsNullOrWhiteSpace(property.Value.Description), property.Key));
        Assert.Equal(kind.GetProperties().Length, schema.Properties.Count);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Build_EveryShippedKind_HasValidDefaultsAndPatterns(Type kind)
    {
        var problems = new List<string>();
        Check(SchemaFromType.Build(kind), kind.Name);
        Assert.Empty(problems);

        void Check(ResourceSchema schema, string path)
        {
            if (schema.Default is not null)
            {
                var errors = new List<FieldError>();
                SchemaValidator.Validate(schema.Default, schema, FieldPath.Of(path), errors);
                problems.AddRange(errors.Select(error => error.ToString()));
            }
            if (schema.Pattern is not null)
            {
                var errors = new List<FieldError>();
                SchemaValidator.Validate("x", new ResourceSchema { Pattern = schema.Pattern }, FieldPath.Of(path), errors);
            }
            foreach (var (name, child) in schema.Properties.Ordered)
                Check(child, path + "." + name);
            if (schema.Items is not null)
                Check(schema.Items, path + "[]");
            if (schema.AdditionalProperties is not null)
                Check(schema.AdditionalProperties, path + "{}");
            foreach (var key in schema.ListMapKeys)
            {
                if (schema.Items is null || !schema.Items.Properties.Contains(key))
                    problems.Add($"{path}: list map key {key} is no field");
            }
        }
    }

    [Fact]
    public void Build_Properties_CarryTheirConstraints()
    {
        var schema = SchemaFromType.Build<Sample>();

        Assert.Equal(["name"], schema.Required);
        Assert.Equal(1, schema.Field("count")!.Minimum);
        Assert.Equal("int32", schema.Field("count")!.Format);
        Assert.Equal(7L, schema.Field("count")!.Default!.GetValue<long>());
        Assert.Equal(ListType.Map, schema.Field("ports")!.ListType);
        Assert.Equal("containerPort", schema.Field("ports")!.PatchMergeKey);
        Assert.Equal(ListType.Set, schema.Field("tags")!.ListType);
        Assert.Equal("^[a-z]+$", schema.Field("tags")!.Items!.Pattern);
        Assert.Equal(ListType.Atomic, schema.Field("plain")!.ListType);
        Assert.Equal(SchemaType.String, schema.Field("labels")!.AdditionalProperties!.Type);
        Assert.True(schema.Field("nested")!.PreserveUnknownFields);
        Assert.Equal(["a", "b"], schema.Field("choice")!.Enum.Select(value => value!.GetValue<string>()));
    }

    [Fact]
    public void Build_IsCached() => Assert.Same(SchemaFromType.Build<Sample>(), SchemaFromType.Build<Sample>());

    public sealed record Sample
    {
        public required string Name { get; init; }

        [Minimum(1), Default("7")]
        public int? Count { get; init; }

        [ListMap("containerPort", "protocol")]
        public IReadOnlyList<Port> Ports { get; init; } = [];

        [ListSet, Pattern("^[a-z]+$")]
        public IReadOnlyList<string> Tags { get; init; } = [];

        public IReadOnlyList<string> Plain { get; init; } = [];

        public IReadOnlyDictionary<string, string> Labels { get; init; } = Empty.StringMap;

        [Allowed("a", "b")]
        public string? Choice { get; init; }

        public Sample? Nested { get; init; }
    }

    public sealed record Port
    {
        public required int ContainerPort { get; init; }

        [Default("\"TCP\"")]
        public string? Protocol { get; init; }
    }
}
