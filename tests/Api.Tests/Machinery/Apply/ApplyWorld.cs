using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Apply;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Tests.Machinery.Schema;
using Xunit;

namespace ControlPlane.Api.Tests.Machinery.Apply;

/// <summary>One object and the writes to it, as the server would make them.</summary>
internal sealed class ApplyWorld
{
    public const string Version = "hw.example.dev/v1alpha1";

    private static ResourceSchema Text => new() { Type = SchemaType.String };

    private static ResourceSchema Number => new() { Type = SchemaType.Integer };

    public static ResourceSchema Schema { get; } = SchemaValidatorTests.Object(
        ("apiVersion", Text),
        ("kind", Text),
        ("metadata", SchemaFromType.Build<ObjectMeta>()),
        ("spec", SchemaValidatorTests.Object(
            ("image", Text),
            ("replicas", Number),
            ("color", Text),
            ("tags", new ResourceSchema { Type = SchemaType.Array, ListType = ListType.Set, Items = Text }),
            ("args", new ResourceSchema { Type = SchemaType.Array, Items = Text }),
            ("selector", new ResourceSchema { Type = SchemaType.Object, MapType = MapType.Atomic, AdditionalProperties = Text }),
            ("strategy", SchemaValidatorTests.Object(("type", Text), ("surge", Number))),
            ("containers", new ResourceSchema
            {
                Type = SchemaType.Array,
                ListType = ListType.Map,
                ListMapKeys = ["name"],
                Items = SchemaValidatorTests.Object(("name", Text), ("image", Text), ("env", new ResourceSchema { Type = SchemaType.Object, AdditionalProperties = Text })),
            }),
            ("ports", new ResourceSchema
            {
                Type = SchemaType.Array,
                ListType = ListType.Map,
                ListMapKeys = ["port", "protocol"],
                Items = SchemaValidatorTests.Object(("port", Number), ("protocol", new ResourceSchema { Type = SchemaType.String, Default = "TCP" }), ("name", Text)),
            }),
            ("any", new ResourceSchema { PreserveUnknownFields = true }))),
        ("status", SchemaValidatorTests.Object(("replicas", Number), ("phase", Text))));

    public JsonObject? Live { get; set; }

    public DateTimeOffset Now { get; set; } = new(2026, 11, 20, 17, 44, 19, TimeSpan.Zero);

    public JsonNode? Spec => Live?["spec"];

    public ApplyOutcome TryApply(string manager, string body, bool force = false, string subresource = "")
    {
        var applied = Trees.Object(body);
        applied["apiVersion"] ??= Version;
        applied["kind"] ??= "App";
        applied["metadata"] ??= new JsonObject();
        applied["metadata"]!["name"] ??= "a1";
        var before = Live?.ToJsonString();
        var outcome = ServerSideApply.Apply(new ApplyRequest
        {
            Live = Live,
            Applied = applied,
            Manager = new FieldManager(manager, Version, subresource),
            Kind = "App",
            Schema = Schema,
            Force = force,
            HasStatusSubresource = true,
            Now = Now,
        });
        Assert.Equal(before, Live?.ToJsonString());
        return outcome;
    }

    public void Apply(string manager, string body, bool force = false, string subresource = "") => Live = TryApply(manager, body, force, subresource) switch
    {
        ApplyOutcome.Applied applied => applied.Object,
        ApplyOutcome.Conflicted conflicted => throw new InvalidOperationException(conflicted.Message),
        ApplyOutcome.Refused refused => throw new InvalidOperationException(refused.Message),
        var other => throw new InvalidOperationException(other.ToString()),
    };

    public string Conflict(string manager, string body, string subresource = "") =>
        Assert.IsType<ApplyOutcome.Conflicted>(TryApply(manager, body, force: false, subresource)).Message;

    /// <summary>Writes the whole object, keeping its managed fields as a client would that read it before.</summary>
    public void Update(string manager, string body, string subresource = "", string? managedFields = null, string version = Version)
    {
        var updated = Trees.Object(body);
        updated["apiVersion"] = version;
        updated["kind"] = "App";
        updated["metadata"] ??= new JsonObject();
        updated["metadata"]!["name"] = "a1";
        if (managedFields is not null)
            updated["metadata"]!["managedFields"] = Trees.Node(managedFields);
        ManagedFieldsUpdater.Update(Live, updated, new FieldManager(manager, version, subresource), Schema, Now);
        Live = updated;
    }

    public string Owners() => string.Join('\n', Entries().Select(entry =>
    {
        var subresource = entry.GetString("subresource") is { } name ? "/" + name : "";
        FieldsV1.TryDecode(entry.GetObject("fieldsV1")!, out var set);
        return $"{entry.GetString("manager")} {entry.GetString("operation")}{subresource}: {string.Join(' ', set!.Paths())}";
    }));

    public IEnumerable<JsonObject> Entries() => (Live?["metadata"]?["managedFields"] as JsonArray ?? []).OfType<JsonObject>();

    public void AssertSpec(string expected) => Trees.AssertSame(expected, Spec);

    public void AssertOwners(string expected) => Assert.Equal(expected.ReplaceLineEndings("\n"), Owners());
}
