using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Core.V1;

/// <summary>An identity for programs.</summary>
[Resource("", "v1", "ServiceAccount", "serviceaccounts", ShortNames = ["sa"])]
public sealed record ServiceAccount : Resource
{
    /// <summary>Secrets with registry credentials for the account's pods.</summary>
    public IReadOnlyList<LocalObjectReference> ImagePullSecrets { get; init; } = [];

    /// <summary>Secrets of the account; informative.</summary>
    [PatchMerge("name")]
    public IReadOnlyList<ObjectReference> Secrets { get; init; } = [];

    /// <summary>Whether pods get a token mounted.</summary>
    public bool? AutomountServiceAccountToken { get; init; }
}
