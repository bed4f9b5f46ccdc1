using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using ControlPlane.Controllers.Reporting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Nodes;

/// <summary>Looks at all nodes about once a second: addresses, health, evictions, pods of nodes that are gone.</summary>
internal sealed partial class NodesReconciler(ControllerContext context, NodesOptions options, NodesCaches caches) : IReconciler
{
    /// <summary>The only key.</summary>
    public static readonly ObjectKey Cycle = new("", "all-nodes");

    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan OrphanAge = TimeSpan.FromSeconds(5);

    private readonly IApiClient _client = context.Client;
    private readonly ILogger _logger = context.Logger<NodesReconciler>();
    private readonly long _started = context.Time.GetTimestamp();
    private readonly HeartbeatMonitor _heartbeats = new(TimeSpan.Zero);
    private readonly Dictionary<string, TimeSpan> _orphanedSince = new(StringComparer.Ordinal);
    private bool _wasBreakerOpen;

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        var writes = new IndependentWrites(cancellationToken);
        var nodes = caches.Nodes.List();
        await AssignCidrsAsync(nodes, writes);
        if (await IsViewCurrentAsync(cancellationToken))
        {
            var health = NodeHealthPlanner.Plan(Observe(nodes), options, context.Time.GetUtcNow());
            Report(health, nodes.Count);
            await writes.RunAsync(health.Changes, WriteNodeAsync);
            var byName = nodes.ToDictionary(static n => n.Metadata.Name!, StringComparer.Ordinal);
            await writes.RunAsync(EvictionPlanner.Plan(caches.Pods.List(), byName, health, context.Time.GetUtcNow()), EvictAsync);
            await writes.RunAsync(PodsOfAbsentNodes(byName), RemoveOrphanAsync);
        }
        writes.ThrowIfFailed();
        return ReconcileResult.LookAgainAfter(Period);
    }

    private TimeSpan Now => context.Time.GetElapsedTime(_started);

    private Task AssignCidrsAsync(IReadOnlyList<Node> nodes, IndependentWrites writes)
    {
        var plan = PodCidrPlanner.Plan(nodes, options.ClusterCidr, options.NodeCidrMask);
        foreach (var node in plan.Unserved)
            context.Events.Warning(node, "CIDRNotAvailable", $"All /{options.NodeCidrMask} parts of {options.ClusterCidr} are taken; give the nodes controller a larger --cluster-cidr.");
        return writes.RunAsync(plan.Assignments, AssignCidrAsync);
    }

    private async Task AssignCidrAsync(PodCidrAssignment assignment, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            // Only if nobody has given it one meanwhile.
            ["metadata"] = new JsonObject { ["resourceVersion"] = assignment.Node.Metadata.ResourceVersion },
            ["spec"] = new JsonObject { ["podCIDR"] = assignment.Cidr, ["podCIDRs"] = new JsonArray(assignment.Cidr) },
        };
        await _client.PatchAsync<Node>(ObjectKey.Of(assignment.Node), PatchBody.Merge(patch), cancellationToken);
        Log.Assigned(_logger, assignment.Node.Metadata.Name!, assignment.Cidr);
    }

    private async Task<bool> IsViewCurrentAsync(CancellationToken cancellationToken)
    {
        if (!_heartbeats.NeedsConfirmation(caches.Leases.Version, Now))
            return true;
        // Nothing has come in for a while. Ask: if the newest version is one we have seen, it is the nodes that are silent.
        var newest = await _client.ListAsync<Lease>(new ListOptions { Namespace = HeartbeatMonitor.LeaseNamespace }, cancellationToken);
        if (newest.Items.Any(lease => caches.Leases.Find(ObjectKey.Of(lease))?.Metadata.ResourceVersion != lease.Metadata.ResourceVersion))
            return false;
        _heartbeats.Confirm(Now);
        return true;
    }

    private List<NodeObservation> Observe(IReadOnlyList<Node> nodes)
    {
        var now = Now;
        _heartbeats.Keep(nodes.Select(static n => n.Metadata.Name!).ToHashSet(StringComparer.Ordinal));
        return [.. nodes.Select(n => _heartbeats.Observe(n, caches.Leases.Find(new ObjectKey(HeartbeatMonitor.LeaseNamespace, n.Metadata.Name!)), now))];
    }

    private void Report(NodeHealthPlan health, int total)
    {
        if (health.IsBreakerOpen && !_wasBreakerOpen)
            Log.BreakerOpened(_logger, health.Lost.Count, total);
        else if (!health.IsBreakerOpen && _wasBreakerOpen)
            Log.BreakerClosed(_logger, health.Lost.Count, total);
        _wasBreakerOpen = health.IsBreakerOpen;
    }

    private async Task WriteNodeAsync(NodeChange change, CancellationToken cancellationToken)
    {
        var node = change.Node;
        if (change.Ready is { } ready)
        {
            var status = node.Status ?? new NodeStatus();
            var conditions = status.Conditions.Where(static c => c.Type != "Ready").Append(ready).ToList();
            node = await _client.WriteStatusAsync(node, node with { Status = status with { Conditions = conditions } }, cancellationToken);
            context.Events.Warning(node, "NodeNotReady", $"Node {node.Metadata.Name} is lost: {ready.Message}");
            Log.Lost(_logger, node.Metadata.Name!);
        }
        if (change.Taints is { } taints)
            await WriteTaintsAsync(node, taints, cancellationToken);
    }

    private async Task WriteTaintsAsync(Node node, IReadOnlyList<Taint> taints, CancellationToken cancellationToken)
    {
        var patch = new JsonObject
        {
            // The list is replaced whole, so it must be the list that was read.
            ["metadata"] = new JsonObject { ["resourceVersion"] = node.Metadata.ResourceVersion },
            ["spec"] = new JsonObject { ["taints"] = ApiJson.Deserialize<JsonArray>(ApiJson.Serialize(taints)) },
        };
        await _client.PatchAsync<Node>(ObjectKey.Of(node), PatchBody.Merge(patch), cancellationToken);
        Log.Tainted(_logger, node.Metadata.Name!, string.Join(", ", taints.Select(static t => t.Key + ":" + t.Effect)));
    }

    private async Task EvictAsync(Eviction eviction, CancellationToken cancellationToken)
    {
        var pod = eviction.Pod;
        var deletion = new DeleteOptions
        {
            GracePeriodSeconds = eviction.IsForced ? 0 : null,
            Preconditions = new Preconditions { Uid = pod.Metadata.Uid },
        };
        if (!await _client.TryDeleteAsync<Pod>(ObjectKey.Of(pod), cancellationToken, deletion))
            return;
        if (!eviction.IsForced)
            context.Events.Warning(pod, "TaintManagerEviction", $"Leaves node {eviction.NodeName}, whose taints it does not tolerate.");
        Log.Evicted(_logger, ObjectKey.Of(pod), eviction.NodeName, eviction.IsForced);
    }

    private List<Pod> PodsOfAbsentNodes(Dictionary<string, Node> nodes)
    {
        var orphans = caches.Pods.List().Where(p => p.Spec?.NodeName is { Length: > 0 } name && !nodes.ContainsKey(name)).ToList();
        var absent = orphans.Select(static p => p.Spec!.NodeName!).ToHashSet(StringComparer.Ordinal);
        foreach (var name in _orphanedSince.Keys.Except(absent).ToList())
            _orphanedSince.Remove(name);
        // A node that is being registered again is not gone.
        return [.. orphans.Where(p => Now - FirstMissed(p.Spec!.NodeName!) >= OrphanAge)];
    }

    private TimeSpan FirstMissed(string nodeName)
    {
        if (!_orphanedSince.TryGetValue(nodeName, out var since))
            _orphanedSince[nodeName] = since = Now;
        return since;
    }

    private async Task RemoveOrphanAsync(Pod pod, CancellationToken cancellationToken)
    {
        if (await _client.TryGetAsync<Node>(new ObjectKey("", pod.Spec!.NodeName!), cancellationToken) is not null)
            return;
        await EvictAsync(new Eviction(pod, pod.Spec.NodeName!, IsForced: true), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(500, LogLevel.Information, "Node {Node} has pod addresses {Cidr}")]
        public static partial void Assigned(ILogger logger, string node, string cidr);

        [LoggerMessage(501, LogLevel.Warning, "Node {Node} is lost")]
        public static partial void Lost(ILogger logger, string node);

        [LoggerMessage(502, LogLevel.Information, "Node {Node} has taints [{Taints}]")]
        public static partial void Tainted(ILogger logger, string node, string taints);

        [LoggerMessage(503, LogLevel.Information, "Pod {Pod} leaves node {Node} (by force: {IsForced})")]
        public static partial void Evicted(ILogger logger, ObjectKey pod, string node, bool isForced);

        [LoggerMessage(504, LogLevel.Error, "{Lost} of {Total} nodes look lost: nothing is evicted until fewer do")]
        public static partial void BreakerOpened(ILogger logger, int lost, int total);

        [LoggerMessage(505, LogLevel.Information, "{Lost} of {Total} nodes look lost: evicting again")]
        public static partial void BreakerClosed(ILogger logger, int lost, int total);
    }
}
