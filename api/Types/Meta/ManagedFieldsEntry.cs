using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Meta;

/// <summary>The fields one manager owns.</summary>
public sealed record ManagedFieldsEntry
{
    /// <summary>Name of the manager.</summary>
    public string? Manager { get; init; }

    /// <summary>Apply or Update.</summary>
    public string? Operation { get; init; }

    /// <summary>API version in which the fields are named.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>When the entry last changed.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>Always FieldsV1.</summary>
    public string? FieldsType { get; init; }

    /// <summary>The set of fields.</summary>
    [JsonPropertyName("fieldsV1"), AnyJson]
    public JsonObject? FieldsV1 { get; init; }

    /// <summary>Subresource through which they were written; empty for the object itself.</summary>
    public string? Subresource { get; init; }
}
