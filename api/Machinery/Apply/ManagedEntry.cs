using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>One manager's entry. The set of fields is decoded only when somebody looks inside, and encoded only when it changed.</summary>
internal sealed class ManagedEntry
{
    private const string FieldsType = "FieldsV1";

    private readonly JsonObject? _encoded;
    private readonly ResourceSchema? _schema;
    private FieldSet? _fields;

    public ManagedEntry(FieldManager manager, bool isApply, string? time, FieldSet fields)
    {
        Manager = manager;
        IsApply = isApply;
        Time = time;
        _fields = fields;
    }

    private ManagedEntry(FieldManager manager, bool isApply, string? time, JsonObject encoded, ResourceSchema schema)
    {
        Manager = manager;
        IsApply = isApply;
        Time = time;
        _encoded = encoded;
        _schema = schema;
    }

    public FieldManager Manager { get; }
    public bool IsApply { get; }

    /// <summary>RFC 3339, UTC, whole seconds; null when never recorded.</summary>
    public string? Time { get; }

    public FieldSet Fields => _fields ??= FieldsV1.TryDecode(_encoded!, out var set) ? SchemaDrift.Reconcile(set, _schema) : new FieldSet();

    public string Operation => IsApply ? "Apply" : "Update";

    public bool Touches(FieldSet set) => _fields is null ? FieldsV1.Intersects(_encoded!, set) : !FieldSet.Intersection(_fields, set).IsEmpty;

    public ManagedEntry With(FieldSet fields, string? time) => new(Manager, IsApply, time, fields);

    /// <summary>An Apply entry is one per manager and subresource; an Update entry also per version.</summary>
    public bool IsOf(FieldManager manager, bool isApply) => IsApply == isApply
        && Manager.Name == manager.Name
        && Manager.Subresource == manager.Subresource
        && (isApply || Manager.ApiVersion == manager.ApiVersion);

    /// <summary>Null when the JSON is no valid entry.</summary>
    public static ManagedEntry? Decode(JsonNode? node)
    {
        if (node is not JsonObject entry || entry.GetString("operation") is not ("Apply" or "Update") || entry.GetObject("fieldsV1") is not { } encoded)
            return null;
        if (entry.GetString("fieldsType") != FieldsType || !FieldsV1.TryDecode(encoded, out var set))
            return null;
        var manager = new FieldManager(entry.GetString("manager") ?? "", entry.GetString("apiVersion") ?? "", entry.GetString("subresource") ?? "");
        return new ManagedEntry(manager, entry.GetString("operation") == "Apply", entry.GetString("time"), set);
    }

    /// <summary>As <see cref="Decode"/>, for an entry that this server has written: the field set is taken on trust until it is needed.</summary>
    public static ManagedEntry? DecodeStored(JsonNode? node, ResourceSchema schema)
    {
        if (node is not JsonObject entry || entry.GetObject("fieldsV1") is not { } encoded)
            return null;
        var manager = new FieldManager(entry.GetString("manager") ?? "", entry.GetString("apiVersion") ?? "", entry.GetString("subresource") ?? "");
        return new ManagedEntry(manager, entry.GetString("operation") == "Apply", entry.GetString("time"), encoded, schema);
    }

    public JsonObject Encode()
    {
        var entry = new JsonObject { ["manager"] = Manager.Name, ["operation"] = Operation, ["apiVersion"] = Manager.ApiVersion };
        if (Time is not null)
            entry["time"] = Time;
        entry["fieldsType"] = FieldsType;
        entry["fieldsV1"] = _encoded is not null ? _encoded.DeepClone() : FieldsV1.Encode(Fields);
        if (Manager.Subresource.Length > 0)
            entry["subresource"] = Manager.Subresource;
        return entry;
    }
}
