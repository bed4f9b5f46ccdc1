using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Images.Oci;

/// <summary>One image in the manifest.json of a "docker save" archive.</summary>
internal sealed record DockerArchiveEntry
{
    [JsonPropertyName("Config")] public string Config { get; set; } = "";

    [JsonPropertyName("RepoTags")] public IReadOnlyList<string>? RepoTags { get; set; }

    [JsonPropertyName("Layers")] public IReadOnlyList<string> Layers { get; set; } = [];
}
