using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Images.Oci;

/// <summary>The image configuration blob; the run section keeps Docker's capitalized keys.</summary>
internal sealed record ConfigFile
{
    public string Architecture { get; set; } = "";

    public string Os { get; set; } = "";

    public RunSection? Config { get; set; }

    public RootFilesystem? Rootfs { get; set; }

    internal sealed record RootFilesystem
    {
        [JsonPropertyName("diff_ids")]
        public IReadOnlyList<string> DiffIds { get; set; } = [];
    }

    internal sealed record RunSection
    {
        [JsonPropertyName("Env")] public IReadOnlyList<string>? Env { get; set; }

        [JsonPropertyName("Entrypoint")] public IReadOnlyList<string>? Entrypoint { get; set; }

        [JsonPropertyName("Cmd")] public IReadOnlyList<string>? Cmd { get; set; }

        [JsonPropertyName("WorkingDir")] public string? WorkingDir { get; set; }

        [JsonPropertyName("User")] public string? User { get; set; }

        [JsonPropertyName("ExposedPorts")] public IReadOnlyDictionary<string, object>? ExposedPorts { get; set; }

        [JsonPropertyName("Volumes")] public IReadOnlyDictionary<string, object>? Volumes { get; set; }

        [JsonPropertyName("StopSignal")] public string? StopSignal { get; set; }

        [JsonPropertyName("Labels")] public IReadOnlyDictionary<string, string>? Labels { get; set; }
    }

    public ImageConfig ToImageConfig() => new()
    {
        Env = Config?.Env ?? [],
        Entrypoint = Config?.Entrypoint ?? [],
        Cmd = Config?.Cmd ?? [],
        WorkingDir = Config?.WorkingDir ?? "",
        User = Config?.User ?? "",
        ExposedPorts = Config?.ExposedPorts is { } ports ? [.. ports.Keys.Order(StringComparer.Ordinal)] : [],
        Volumes = Config?.Volumes is { } volumes ? [.. volumes.Keys.Order(StringComparer.Ordinal)] : [],
        StopSignal = Config?.StopSignal ?? "",
        Labels = Config?.Labels ?? new Dictionary<string, string>(),
    };
}
