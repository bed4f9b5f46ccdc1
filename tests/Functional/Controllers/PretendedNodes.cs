using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;

namespace ControlPlane.Functional.Controllers;

/// <summary>Nodes whose agent runs nothing but reports as one does: bound pods become ready, deleted ones go.</summary>
internal sealed class PretendedNodes : IAsyncDisposable
{
    private readonly IApiClient _client;
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _started = new();
    private readonly ConcurrentQueue<string> _ended = new();
    private readonly Func<Pod, bool> _becomesReady;
    private Task _loop = Task.CompletedTask;

    private PretendedNodes(IApiClient client, Func<Pod, bool> becomesReady)
    {
        _client = client;
        _becomesReady = becomesReady;
    }

    /// <summary>Names of pods in the order in which they became ready.</summary>
    public IReadOnlyList<string> Started => [.. _started];

    /// <summary>Names of pods in the order in which they went.</summary>
    public IReadOnlyList<string> Ended => [.. _ended];

    /// <summary>Nodes node-0, node-1, ….</summary>
    /// <param name="client">The API.</param>
    /// <param name="count">How many.</param>
    /// <param name="cpus">Cores of each.</param>
    /// <param name="becomesReady">Which pods get ready; all by default.</param>
    public static async Task<PretendedNodes> StartAsync(IApiClient client, int count, int cpus, Func<Pod, bool>? becomesReady = null)
    {
        var nodes = new PretendedNodes(client, becomesReady ?? (static _ => true));
        for (var i = 0; i < count; i++)
        {
            var name = "node-" + i;
            var labels = new Dictionary<string, string> { ["kubernetes.io/hostname"] = name, ["rack"] = (i % 3).ToString(System.Globalization.CultureInfo.InvariantCulture) };
            await client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name, Labels = labels } }, nodes._stop.Token);
            var amounts = new JsonObject { ["cpu"] = cpus.ToString(System.Globalization.CultureInfo.InvariantCulture), ["memory"] = "64Gi", ["pods"] = "500" };
            var status = new JsonObject
            {
                ["capacity"] = amounts.DeepClone(),
                ["allocatable"] = amounts,
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }),
            };
            await client.PatchStatusAsync<Node>(new ObjectKey("", name), PatchBody.Merge(new JsonObject { ["status"] = status }), nodes._stop.Token);
        }

        nodes._loop = Task.Run(() => nodes.ReportAsync(nodes._stop.Token));
        return nodes;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
        if (_loop.IsFaulted)
            await _loop;
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            foreach (var pod in (await _client.ListAsync<Pod>(ListOptions.All, cancellationToken)).Items.Where(static pod => pod.Spec?.NodeName is not null))
            {
                try
                {
                    await ReportAsync(pod, cancellationToken);
                }
                catch (ApiException e) when (e.IsNotFound || e.IsConflict)
                {
                    // It went or changed since it was listed: the next round sees it as it is.
                }
            }

            await Task.Delay(20, cancellationToken);
        }
    }

    private async Task ReportAsync(Pod pod, CancellationToken cancellationToken)
    {
        var key = ObjectKey.Of(pod);
        if (pod.Metadata.DeletionTimestamp is not null)
        {
            var only = new DeleteOptions { GracePeriodSeconds = 0, Preconditions = new Preconditions { Uid = pod.Metadata.Uid } };
            if (await _client.TryDeleteAsync<Pod>(key, cancellationToken, only))
                _ended.Enqueue(key.Name);
        }
        else if (pod.Status?.Phase is null or "Pending" && _becomesReady(pod))
        {
            var address = "10.244.0." + (_started.Count % 250 + 1);
            var status = new JsonObject
            {
                ["phase"] = "Running",
                ["podIP"] = address,
                ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }, new JsonObject { ["type"] = "PodScheduled", ["status"] = "True" }),
            };
            await _client.PatchStatusAsync<Pod>(key, PatchBody.Merge(new JsonObject { ["status"] = status }), cancellationToken);
            _started.Enqueue(key.Name);
        }
    }
}
