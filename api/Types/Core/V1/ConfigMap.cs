using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>Configuration as keys and values.</summary>
[Resource("", "v1", "ConfigMap", "configmaps", ShortNames = ["cm"])]
public sealed record ConfigMap : Resource
{
    /// <summary>Text values.</summary>
    public IReadOnlyDictionary<string, string> Data { get; init; } = Empty.StringMap;

    /// <summary>Binary values, base64.</summary>
    public IReadOnlyDictionary<string, byte[]> BinaryData { get; init; } = Empty.Map<byte[]>();

    /// <summary>Whether data can never change.</summary>
    public bool? Immutable { get; init; }
}
