using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Client;

/// <summary>Identity and version of an answered object, typed or dynamic.</summary>
/// <param name="Uid">UID.</param>
/// <param name="ResourceVersion">Version.</param>
public readonly record struct ResponseMetadata(string? Uid, string? ResourceVersion)
{
    /// <summary>Of a record or a JSON tree; empty for anything else.</summary>
    public static ResponseMetadata Of(object? answer) => answer switch
    {
        Resource resource => new(resource.Metadata.Uid, resource.Metadata.ResourceVersion),
        JsonObject tree when tree["metadata"] is JsonObject metadata => new((string?)metadata["uid"], (string?)metadata["resourceVersion"]),
        _ => default,
    };
}
