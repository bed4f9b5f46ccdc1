using System.Net;
using ControlPlane.Agent.Hooks;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Networking.Routes;
using ControlPlane.Agent.Networking.Vips;
using ControlPlane.Agent.Networks;
using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Recovery;

/// <summary>
/// Takes everything away that agents made on this machine: containers, mounts, namespaces, cgroups, addresses, routes and tables. Images
/// and logs stay. Run when the agent is stopped for good.
/// </summary>
internal sealed partial class NodeCleanup(AgentOptions options, PodStore store, SandboxHooks hooks, NodeNetwork network, ILoggerFactory logs)
{
    private readonly ILogger _log = logs.CreateLogger<NodeCleanup>();

    /// <summary>Returns whether everything is gone; what is not was logged.</summary>
    public async Task<bool> RunAsync(CancellationToken cancellation)
    {
        var clean = true;
        foreach (var uid in store.LoadAll().Select(s => s.Uid).Concat(store.Remains().Select(r => Path.GetFileName(r)!)).ToList())
            clean &= await TryAsync("pod " + uid, () => RemovePodAsync(uid, cancellation));
        clean &= await TryAsync("cgroup", () => RemoveCgroupsAsync(cancellation));
        if (network.FindCni() is { } cni)
            clean &= await TryAsync("pod network", () => cni.SweepAsync(new HashSet<string>(), cancellation));
        clean &= await TryAsync("VIP table", () => RemoveVipsAsync(cancellation));
        clean &= await TryAsync("routes", () => RemoveRoutesAsync(cancellation));
        clean &= await TryAsync("bridge", () => network.RemoveBridgeAsync(cancellation));
        return clean;
    }

    private async Task RemovePodAsync(string uid, CancellationToken cancellation)
    {
        var pod = new Pod { Metadata = new ObjectMeta { Uid = uid, Name = uid } };
        using var sandbox = new PodSandbox(pod, store.PathsOf(uid));
        await hooks.UndoAsync(sandbox, cancellation);
        store.Remove(uid);
    }

    private async Task RemoveCgroupsAsync(CancellationToken cancellation)
    {
        var root = options.EffectiveCgroupRoot;
        await Cgroup.At(root).RemoveAsync(cancellation);

        // Nodes of one machine share the parent; the last one to go takes it along.
        if (Path.GetDirectoryName(root) is { Length: > 1 } parent)
            Cgroup.At(parent).TryRemove();
    }

    private async Task RemoveVipsAsync(CancellationToken cancellation)
    {
        var any = IPNetwork.Parse("0.0.0.0/32");
        var tableOptions = new VipTableOptions { Table = options.NftTable, VipCidr = IPNetwork.Parse(options.VipCidr), ClusterCidr = IPNetwork.Parse(options.ClusterCidr), PodCidr = any };
        using var table = new VipTable(tableOptions, logs.CreateLogger<VipTable>());
        await table.RemoveAsync(cancellation);
    }

    private Task RemoveRoutesAsync(CancellationToken cancellation)
    {
        var routeOptions = new NodeRoutesOptions
        {
            NodeAddress = IPAddress.Parse(options.NodeIp),
            VipCidr = IPNetwork.Parse(options.VipCidr),
            ClusterCidr = IPNetwork.Parse(options.ClusterCidr),
        };
        return new NodeRoutes(routeOptions, logs.CreateLogger<NodeRoutes>()).RemoveAsync(cancellation);
    }

    private async Task<bool> TryAsync(string what, Func<Task> removal)
    {
        try
        {
            await removal();
            return true;
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // One thing that stays must not keep the others.
            Log.Stays(_log, what, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2310, LogLevel.Error, "The {What} could not be removed: {Problem}")]
        public static partial void Stays(ILogger log, string what, string problem);
    }
}
