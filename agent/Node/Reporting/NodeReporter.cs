using System.Text.Json.Nodes;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Networks;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Reporting;

/// <summary>
/// Registers the node and tells how it is. That it lives is said by its lease every few seconds, which costs nobody anything; the status
/// is written when it changes, and now and then.
/// </summary>
internal sealed partial class NodeReporter(
    IApiClient client, AgentOptions options, RuntimeProbe runtime, ClusterView view, ImageStore images, TimeProvider time, ILogger<NodeReporter> log)
    : BackgroundService
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan Look = TimeSpan.FromSeconds(1);

    private readonly NodeStatusBuilder _builder = new(options);
    private readonly ObjectKey _key = new("", options.NodeName);
    private IReadOnlyList<NodeCondition> _conditions = [];
    private byte[] _reported = [];
    private DateTimeOffset _reportedAt;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!await TryAsync(RegisterAsync, "register", stoppingToken))
            await Task.Delay(Look, time, stoppingToken);
        while (true)
        {
            await TryAsync(ReportAsync, "report", stoppingToken);
            await Task.Delay(Look, time, stoppingToken);
        }
    }

    private async Task RegisterAsync(CancellationToken cancellation)
    {
        var labels = _builder.Labels();
        var existing = await client.TryGetAsync<Node>(_key, cancellation);
        if (existing is null)
        {
            var node = new Node { Metadata = new ObjectMeta { Name = options.NodeName, Labels = labels }, Spec = new NodeSpec() };
            await client.CreateAsync(node, cancellation);
            Log.Registered(log, options.NodeName);
            return;
        }

        _conditions = existing.Status?.Conditions ?? [];
        if (labels.All(l => existing.Metadata.Labels.TryGetValue(l.Key, out var value) && value == l.Value))
            return;
        var patch = new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Key, (JsonNode?)l.Value))) } };
        await client.PatchAsync<Node>(_key, PatchBody.Merge(patch), cancellation);
    }

    private async Task ReportAsync(CancellationToken cancellation)
    {
        var now = time.GetUtcNow();
        List<string> problems = [.. runtime.Problems()];
        var conditions = NodeStatusBuilder.Conditions(problems, NodePressure.Read(options.RootDirectory), _conditions, now);
        var status = _builder.Build(await runtime.VersionAsync(cancellation), images.List(), conditions);

        // Heartbeat times alone are no news: the lease carries them.
        var essence = ApiJson.Serialize(status with { Conditions = [.. conditions.Select(c => c with { LastHeartbeatTime = null })] });
        if (essence.AsSpan().SequenceEqual(_reported) && now - _reportedAt < Refresh && IsAgreed(conditions))
            return;
        await WriteAsync(status, cancellation);
        if (problems.Count > 0)
            Log.NotReady(log, string.Join("; ", problems));
        _conditions = conditions;
        _reported = essence;
        _reportedAt = now;
    }

    // A node that was out of reach has been declared so; being back is news although nothing here has changed.
    private bool IsAgreed(IReadOnlyList<NodeCondition> conditions)
    {
        var known = view.Nodes.Find(_key)?.Status?.Conditions.FirstOrDefault(c => c.Type == "Ready");
        return known is null || known.Status == conditions.First(c => c.Type == "Ready").Status;
    }

    private async Task WriteAsync(NodeStatus status, CancellationToken cancellation)
    {
        var patch = new JsonObject { ["status"] = JsonNode.Parse(ApiJson.Serialize(status)) };
        try
        {
            await client.PatchStatusAsync<Node>(_key, PatchBody.Merge(patch), cancellation);
        }
        catch (ApiException e) when (e.IsNotFound)
        {
            // Somebody deleted the node while it lives: it comes back.
            await RegisterAsync(cancellation);
            await client.PatchStatusAsync<Node>(_key, PatchBody.Merge(patch), cancellation);
        }
    }

    private async Task<bool> TryAsync(Func<CancellationToken, Task> step, string what, CancellationToken cancellation)
    {
        try
        {
            await step(cancellation);
            return true;
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException)
        {
            Log.Failed(log, what, e.Message);
            return false;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2500, LogLevel.Information, "Registered node {Name}")]
        public static partial void Registered(ILogger log, string name);

        [LoggerMessage(2501, LogLevel.Warning, "The node could not {What}: {Problem}")]
        public static partial void Failed(ILogger log, string what, string problem);

        [LoggerMessage(2502, LogLevel.Warning, "The node is not ready: {Problems}")]
        public static partial void NotReady(ILogger log, string problems);
    }
}
