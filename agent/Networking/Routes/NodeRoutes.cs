using System.Text;
using System.Text.Json;
using ControlPlane.Agent.Networking.Programs;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Networking.Routes;

/// <summary>
/// Routes to the other nodes' pods, and the two that keep cluster addresses inside the cluster: pod addresses of no node
/// are unreachable, and VIP addresses are local, so that neither ever leaves by the default route.
/// </summary>
public sealed partial class NodeRoutes
{
    // Marks routes as ours among everybody else's ("proto" in ip route).
    private const string Protocol = "177";

    private readonly NodeRoutesOptions _options;
    private readonly IProgramRunner _programs;
    private readonly ILogger _log;

    public NodeRoutes(NodeRoutesOptions options, ILogger<NodeRoutes> log)
        : this(options, ProgramRunner.Instance, log)
    {
    }

    internal NodeRoutes(NodeRoutesOptions options, IProgramRunner programs, ILogger<NodeRoutes> log)
    {
        _options = options;
        _programs = programs;
        _log = log;
    }

    /// <summary>
    /// Lets the node forward. Returns whether traffic between two pods on one bridge is seen by the packet filter; it is
    /// not where the br_netfilter module is missing.
    /// </summary>
    public async Task<bool> EnableForwardingAsync(CancellationToken cancellation)
    {
        await File.WriteAllTextAsync("/proc/sys/net/ipv4/ip_forward", "1", cancellation);
        const string bridgeFilter = "/proc/sys/net/bridge/bridge-nf-call-iptables";
        if (!File.Exists(bridgeFilter) && File.Exists("/sbin/modprobe"))
            await _programs.RunAsync("/sbin/modprobe", ["br_netfilter"], null, null, cancellation);
        if (!File.Exists(bridgeFilter))
        {
            Log.NoBridgeFilter(_log);
            return false;
        }

        await File.WriteAllTextAsync(bridgeFilter, "1", cancellation);
        return true;
    }

    /// <summary>Makes the machine have exactly these routes of ours. Changes only what differs.</summary>
    /// <exception cref="NetworkException">A route was refused: the message has the route and the reason.</exception>
    public async Task ApplyAsync(IReadOnlyCollection<PeerRoute> peers, CancellationToken cancellation)
    {
        var desired = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [_options.VipCidr.ToString()] = $"local {_options.VipCidr} dev lo src {_options.NodeAddress}",
            [_options.ClusterCidr.ToString()] = $"unreachable {_options.ClusterCidr}",
        };
        foreach (var peer in peers)
            desired[peer.PodCidr.ToString()] = $"{peer.PodCidr} via {peer.Gateway}";

        var current = await ReadAsync(cancellation);
        var script = new StringBuilder();
        foreach (var (destination, route) in current)
            if (!desired.ContainsKey(destination))
                script.Append($"route del {route} proto {Protocol}\n");
        foreach (var (destination, route) in desired)
            if (!current.TryGetValue(destination, out var existing) || existing != route)
                script.Append($"route replace {route} proto {Protocol}\n");
        if (script.Length == 0)
            return;
        await BatchAsync(script.ToString(), cancellation);
        Log.Applied(_log, peers.Count);
    }

    /// <summary>Removes every route of ours.</summary>
    public async Task RemoveAsync(CancellationToken cancellation)
    {
        var script = new StringBuilder();
        foreach (var route in (await ReadAsync(cancellation)).Values)
            script.Append($"route del {route} proto {Protocol}\n");
        if (script.Length > 0)
            await BatchAsync(script.ToString(), cancellation);
    }

    // Our routes by destination, in the words they were added with.
    private async Task<Dictionary<string, string>> ReadAsync(CancellationToken cancellation)
    {
        var result = await _programs.RunAsync("ip", ["-j", "-4", "route", "show", "table", "all", "proto", Protocol], null, null, cancellation);
        if (result.ExitCode != 0)
            throw new NetworkException($"ip route show failed: {result.Complaint}");
        var routes = new Dictionary<string, string>(StringComparer.Ordinal);
        if (string.IsNullOrWhiteSpace(result.Output))
            return routes;
        using var json = JsonDocument.Parse(result.Output);
        foreach (var route in json.RootElement.EnumerateArray())
        {
            var destination = Cidr(Text(route, "dst"));
            routes[destination] = Text(route, "type") switch
            {
                "local" => $"local {destination} dev {Text(route, "dev")} src {Text(route, "prefsrc")}",
                "unreachable" => $"unreachable {destination}",
                _ => $"{destination} via {Text(route, "gateway")}",
            };
        }

        return routes;
    }

    private async Task BatchAsync(string script, CancellationToken cancellation)
    {
        var result = await _programs.RunAsync("ip", ["-batch", "-"], script, null, cancellation);
        if (result.ExitCode != 0)
            throw new NetworkException($"routes were refused: {result.Complaint}; in: {script.Trim().ReplaceLineEndings("; ")}");
    }

    private static string Text(JsonElement route, string name) => route.TryGetProperty(name, out var value) ? value.GetString() ?? "" : "";

    // ip prints a host route without its length.
    private static string Cidr(string destination) => destination.Contains('/') ? destination : $"{destination}/32";

    private static partial class Log
    {
        [LoggerMessage(110, LogLevel.Information, "Routes lead to the pods of {Peers} other nodes")]
        public static partial void Applied(ILogger log, int peers);

        [LoggerMessage(111, LogLevel.Warning,
            "br_netfilter is missing: pods that reach a pod of the same node through a VIP are seen with the node's address")]
        public static partial void NoBridgeFilter(ILogger log);
    }
}
