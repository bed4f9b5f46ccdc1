using System.Collections.Concurrent;
using System.Text.Json;
using ControlPlane.Api.Client;
using ControlPlane.Api.Client.Discovery;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>
/// Monitors every kind that can be listed, watched and deleted, including kinds that extensions define while we run.
/// Each kind stands alone: one that cannot be read holds up no other.
/// </summary>
internal sealed partial class ResourceMonitors(ControllerContext context)
{
    private static readonly TimeSpan DiscoveryPeriod = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan RetryPeriod = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan SyncPatience = TimeSpan.FromSeconds(10);

    // High in number, short in life, and nobody's dependents.
    private static readonly HashSet<string> Ignored = new(["events", "events.events.k8s.io"], StringComparer.Ordinal);

    private readonly ILogger _logger = context.Logger<ResourceMonitors>();
    private readonly ConcurrentDictionary<ResourceInfo, Running> _running = new();
    private volatile IReadOnlyList<ServedResource> _served = [];

    /// <summary>Kinds that are not complete yet, or cannot be read.</summary>
    public IEnumerable<ResourceInfo> Unsynced => _running.Values.Where(static r => !r.Monitor.IsSynced).Select(static r => r.Monitor.Resource);

    public ObservedObject? Find(string uid) => _running.Values.Select(r => r.Monitor.Find(uid)).FirstOrDefault(static found => found is not null);

    public List<ObservedObject> DependentsOf(string uid) => [.. _running.Values.SelectMany(r => r.Monitor.DependentsOf(uid))];

    /// <summary>The kind of an owner, whatever version of it the reference names; <c>null</c> when it is not served (any more).</summary>
    public ResourceInfo? Resolve(string apiVersion, string kind)
    {
        var group = apiVersion.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? apiVersion[..slash] : "";
        return _served.FirstOrDefault(s => s.Info.Kind == kind && s.Info.Group == group)?.Info;
    }

    /// <summary>Follows discovery until cancelled. Changes are announced once their kind is complete.</summary>
    public async Task RunAsync(Action<CacheChange<PartialObjectMetadata>> changed, CancellationToken cancellationToken)
    {
        try
        {
            while (!await TryUpdateAsync(cancellationToken))
                await Task.Delay(RetryPeriod, context.Time, cancellationToken);
            await SettleAsync(cancellationToken);
            while (true)
            {
                foreach (var running in _running.Values)
                    running.AnnounceOnceSynced(changed);
                await Task.Delay(DiscoveryPeriod, context.Time, cancellationToken);
                await TryUpdateAsync(cancellationToken);
            }
        }
        finally
        {
            await Task.WhenAll(_running.Values.Select(static r => r.StopAsync()));
        }
    }

    private async Task<bool> TryUpdateAsync(CancellationToken cancellationToken)
    {
        try
        {
            _served = await context.Client.DiscoverAsync(cancellationToken);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or JsonException)
        {
            // What was known stays monitored.
            Log.NotDiscovered(_logger, e.Message);
            return false;
        }
        var wanted = _served.Where(static s => s.Can("list", "watch", "delete") && !Ignored.Contains(s.Info.Resource)).Select(static s => s.Info).ToHashSet();
        foreach (var gone in _running.Keys.Where(resource => !wanted.Contains(resource)))
        {
            if (_running.TryRemove(gone, out var running))
                await running.StopAsync();
        }
        foreach (var resource in wanted)
        {
            if (!_running.ContainsKey(resource))
                _running[resource] = Running.Start(new ResourceMonitor(resource), context, cancellationToken);
        }
        return true;
    }

    // At the start it is worth a moment that owners are known before their dependents are looked at; a kind that takes longer is left behind.
    private async Task SettleAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_running.Values.Select(static r => r.Monitor.Synced)).WaitAsync(SyncPatience, context.Time, cancellationToken);
        }
        catch (TimeoutException)
        {
            Log.NotSynced(_logger, string.Join(", ", Unsynced.Select(static r => r.Resource)));
        }
    }

    private sealed class Running
    {
        private readonly CancellationTokenSource _stop;
        private readonly Task _loop;
        private IDisposable? _subscription;

        private Running(ResourceMonitor monitor, CancellationTokenSource stop, Task loop)
        {
            Monitor = monitor;
            _stop = stop;
            _loop = loop;
        }

        public ResourceMonitor Monitor { get; }

        public static Running Start(ResourceMonitor monitor, ControllerContext context, CancellationToken cancellationToken)
        {
            var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            return new Running(monitor, stop, Task.Run(() => monitor.Reflector(context).RunAsync(stop.Token), CancellationToken.None));
        }

        public void AnnounceOnceSynced(Action<CacheChange<PartialObjectMetadata>> changed)
        {
            // A mirror that ended is a fault of ours: it must not go unnoticed.
            if (_loop.IsFaulted)
                _loop.GetAwaiter().GetResult();
            if (_subscription is null && Monitor.IsSynced)
                _subscription = Monitor.Subscribe(changed);
        }

        public async Task StopAsync()
        {
            _subscription?.Dispose();
            await _stop.CancelAsync();
            await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            _stop.Dispose();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(600, LogLevel.Warning, "Kinds could not be discovered: {Reason}")]
        public static partial void NotDiscovered(ILogger logger, string reason);

        [LoggerMessage(601, LogLevel.Warning, "Starting without {Resources}, which cannot be read")]
        public static partial void NotSynced(ILogger logger, string resources);
    }
}
