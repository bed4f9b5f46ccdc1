using ControlPlane.Api.Server;

namespace ControlPlane.Testing;

/// <summary>What a test cluster is made of.</summary>
public sealed record TestClusterOptions
{
    /// <summary>Store URI; null = an embedded store in the cluster's directory.</summary>
    public string? Storage { get; init; }

    /// <summary>Changes the server's options before it starts.</summary>
    public Func<ApiServerOptions, ApiServerOptions>? Configure { get; init; }

    /// <summary>Whether the server may log errors; otherwise they fail the test when the cluster is disposed of.</summary>
    public bool ExpectsErrors { get; init; }
}
