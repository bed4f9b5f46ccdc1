using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Client.Discovery;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using ControlPlane.Controllers.Reporting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.GarbageCollection.Namespaces;

/// <summary>
/// Empties a deleted namespace: deletes what is in it, of every kind, and looks again until nothing is left; then takes the
/// finalizer <c>kubernetes</c> off, and with it the namespace goes.
/// </summary>
internal sealed partial class NamespaceTermination(ControllerContext context)
{
    private const string ContentFinalizer = "kubernetes";
    private static readonly TimeSpan Period = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan SlowPeriod = TimeSpan.FromSeconds(5);

    private readonly IApiClient _client = context.Client;
    private readonly ILogger _logger = context.Logger<NamespaceTermination>();

    public async Task<ReconcileResult> ContinueAsync(Namespace item, CancellationToken cancellationToken)
    {
        if (item.Spec?.Finalizers.Contains(ContentFinalizer) != true)
            return ReconcileResult.Done;
        var report = await SweepAsync(item.Metadata.Name!, cancellationToken);
        var conditions = TerminationConditions.From(item.Status?.Conditions ?? [], report, context.Time.GetUtcNow());
        // A namespace that empties at once needs no story.
        if (!report.IsEmpty)
        {
            var status = (item.Status ?? new NamespaceStatus()) with { Conditions = conditions };
            await _client.WriteStatusAsync(item, item with { Status = status }, cancellationToken);
            return ReconcileResult.LookAgainAfter(IsStuck(item) ? SlowPeriod : Period);
        }
        await FinalizeAsync(item, cancellationToken);
        return ReconcileResult.Done;
    }

    private bool IsStuck(Namespace item) => context.Time.GetUtcNow() - item.Metadata.DeletionTimestamp > TimeSpan.FromMinutes(2);

    private async Task<ContentReport> SweepAsync(string name, CancellationToken cancellationToken)
    {
        var report = new ContentReport();
        foreach (var served in await DiscoverAsync(report, cancellationToken))
        {
            try
            {
                await SweepAsync(served, name, report, cancellationToken);
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException or JsonException)
            {
                // The other kinds do not wait for this one.
                report.Failures[served.Info.Resource] = e.Message;
            }
        }
        return report;
    }

    private async Task<IReadOnlyList<ServedResource>> DiscoverAsync(ContentReport report, CancellationToken cancellationToken)
    {
        try
        {
            var all = await _client.DiscoverAsync(cancellationToken);
            return [.. all.Where(static s => s.Info.IsNamespaced && s.Can("list", "delete"))];
        }
        catch (Exception e) when (e is ApiException or JsonException)
        {
            report.DiscoveryFailure = "Discovery failed: " + e.Message;
            return [];
        }
    }

    private async Task SweepAsync(ServedResource served, string name, ContentReport report, CancellationToken cancellationToken)
    {
        var present = await ReadAsync(served.Info, name, cancellationToken);
        var deletable = present.Where(static i => i.Metadata.DeletionTimestamp is null).ToList();
        if (deletable.Count > 0)
        {
            var writes = new IndependentWrites(cancellationToken);
            await writes.RunAsync(deletable, (item, token) => _client.TryDeleteAsync(
                served.Info, ObjectKey.Of(item), token, new DeleteOptions { PropagationPolicy = "Background", Preconditions = new Preconditions { Uid = item.Metadata.Uid } }));
            present = await ReadAsync(served.Info, name, cancellationToken);
            Count(served.Info, present, report);
            writes.ThrowIfFailed();
            return;
        }
        Count(served.Info, present, report);
    }

    private async Task<List<PartialObjectMetadata>> ReadAsync(ResourceInfo resource, string name, CancellationToken cancellationToken)
    {
        var found = new List<PartialObjectMetadata>();
        await foreach (var item in _client.ListAllAsync<PartialObjectMetadata>(resource, new ListOptions { Namespace = name }, cancellationToken))
            found.Add(item);
        return found;
    }

    private static void Count(ResourceInfo resource, List<PartialObjectMetadata> left, ContentReport report)
    {
        if (left.Count > 0)
            report.Remaining[resource.Resource] = left.Count;
        foreach (var finalizer in left.SelectMany(static i => i.Metadata.Finalizers))
            report.Finalizers[finalizer] = report.Finalizers.GetValueOrDefault(finalizer) + 1;
    }

    private async Task FinalizeAsync(Namespace item, CancellationToken cancellationToken)
    {
        // In the version that was read: finalizers that others added or removed since are not lost.
        var finalizers = item.Spec!.Finalizers.Where(static f => f != ContentFinalizer).ToList();
        var body = ApiJson.Deserialize<JsonObject>(ApiJson.Serialize(item with { Spec = new NamespaceSpec { Finalizers = finalizers } }));
        await _client.UpdateAsync(ResourceInfo.Of<Namespace>(), ObjectKey.Of(item), body, cancellationToken, "finalize");
        Log.Emptied(_logger, item.Metadata.Name!);
    }

    private static partial class Log
    {
        [LoggerMessage(620, LogLevel.Information, "Namespace {Namespace} is empty and goes")]
        public static partial void Emptied(ILogger logger, string @namespace);
    }
}
