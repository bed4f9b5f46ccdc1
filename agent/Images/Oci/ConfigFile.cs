using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Images.Oci;

/// <summary>The image configuration blob; the run section keeps Docker's capitalized keys.</summary>
internal sealed record ConfigFile
{
    public string Architecture { get; init; } = "";

    public string Os { get; init; } = "";

    public RunSection? Config { get; init; }

    public RootFilesystem? Rootfs { get; init; }

    internal sealed record RootFilesystem
    {
        [JsonPropertyName("diff_ids")]
        public IReadOnlyList<string> DiffIds { get; init; } = [];
    }

    internal sealed record RunSection
    {
        [JsonPropertyName("Env")] public IReadOnlyList<string>? Env { get; init; }

        [JsonPropertyName("Entrypoint")] public IReadOnlyList<string>? Entrypoint { get; init; }

        [JsonPropertyName("Cmd")] public IReadOnlyList<string>? Cmd { get; init; }

        [JsonPropertyName("WorkingDir")] public string? WorkingDir { get; init; }

        [JsonPropertyName("User")] public string? User { get; init; }

        [JsonPropertyName("ExposedPorts")] public IReadOnlyDictionary<string, object>? ExposedPorts { get; init; }

        [JsonPropertyName("Volumes")] public IReadOnlyDictionary<string, object>? Volumes { get; init; }

        [JsonPropertyName("StopSignal")] public string? StopSignal { get; init; }

        [JsonPropertyName("Labels")] public IReadOnlyDictionary<string, string>? Labels { get; init; }
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
