using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>Confidential keys and values; encrypted at rest, delivered to pods in memory only.</summary>
[Resource("", "v1", "Secret", "secrets")]
[Column("Type", "string", ".type")]
[SelectableField("type")]
public sealed record Secret : Resource
{
    /// <summary>Values, base64.</summary>
    public IReadOnlyDictionary<string, byte[]> Data { get; init; } = Empty.Map<byte[]>();

    /// <summary>Values as plain text, write-only: merged into data.</summary>
    public IReadOnlyDictionary<string, string> StringData { get; init; } = Empty.StringMap;

    /// <summary>What kind of secret it is, e.g. kubernetes.io/dockerconfigjson.</summary>
    [Default("\"Opaque\""), ImmutableField]
    public string? Type { get; init; }

    /// <summary>Whether data can never change.</summary>
    public bool? Immutable { get; init; }
}
