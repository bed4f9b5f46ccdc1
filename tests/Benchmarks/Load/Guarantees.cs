using System.Net;
using ControlPlane.Testing.Processes;

namespace ControlPlane.Benchmarks.Load;

/// <summary>What both sides of a comparison have to promise; a side that promises less fails the run.</summary>
internal static class Guarantees
{
    /// <summary>TLS, authentication and authorization are on, and writes are synced.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="stranger">A client that trusts the cluster and has no credentials.</param>
    /// <param name="cancellationToken">Stops.</param>
    public static async Task AssertAsync(Cluster cluster, HttpClient stranger, CancellationToken cancellationToken)
    {
        if (stranger.BaseAddress?.Scheme != Uri.UriSchemeHttps)
            throw new InvalidOperationException($"{cluster.Name} does not speak TLS.");
        using var refused = await stranger.GetAsync(new Uri("api/v1/namespaces", UriKind.Relative), cancellationToken);
        if (refused.StatusCode is not (HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden))
            throw new InvalidOperationException($"{cluster.Name} answers a stranger with {refused.StatusCode}.");
        foreach (var process in cluster.Processes.Where(static name => name is "api-server" or "etcd"))
        {
            var command = await File.ReadAllTextAsync($"/proc/{cluster.PidOf(process)}/cmdline", cancellationToken);
            if (command.Contains("no-fsync", StringComparison.Ordinal) || command.Contains("no-sync", StringComparison.Ordinal))
                throw new InvalidOperationException($"{process} of {cluster.Name} does not sync its writes: {command.Replace('\0', ' ')}");
        }
    }
}
