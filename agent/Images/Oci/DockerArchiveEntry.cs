using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Images.Oci;

/// <summary>One image in the manifest.json of a "docker save" archive.</summary>
internal sealed record DockerArchiveEntry
{
    [JsonPropertyName("Config")] public string Config { get; init; } = "";

    [JsonPropertyName("RepoTags")] public IReadOnlyList<string>? RepoTags { get; init; }

    [JsonPropertyName("Layers")] public IReadOnlyList<string> Layers { get; init; } = [];
}
