using System.Text.Json;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Caching;

/// <summary>
/// Mirrors the objects of a kind into a cache:
/// <code>
///        ┌──────── expired ────────┐
///        ▼                         │
///      List ── version ──▶ Watch ──┤
///      │  ▲                │    ▲  │
///      fault: back off     │    └──┴─ clean end, silence, fault: back off, from the last version
///      └──┘                └─ event, bookmark: remember the version
/// </code>
/// Runs until cancelled; a fault that is not the server's or the network's escapes.
/// </summary>
/// <typeparam name="T">Kind.</typeparam>
public sealed partial class Reflector<T> where T : Resource
{
    private readonly IApiClient _client;
    private readonly ResourceInfo _resource;
    private readonly ObjectCache<T> _cache;
    private readonly ReflectorOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    private string? _version;
    private int _failures;

    /// <summary>Mirrors <paramref name="resource"/> into <paramref name="cache"/>, whose only writer it must be.</summary>
    public Reflector(IApiClient client, ResourceInfo resource, ObjectCache<T> cache, ReflectorOptions options, TimeProvider time, ILogger logger)
    {
        _client = client;
        _resource = resource;
        _cache = cache;
        _options = options;
        _time = time;
        _logger = logger;
    }

    /// <summary>Mirrors until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var delay = await StepAsync(cancellationToken).ConfigureAwait(false);
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>One list or one watch, from beginning to end.</summary>
    /// <returns>How long to wait before the next.</returns>
    private async Task<TimeSpan> StepAsync(CancellationToken cancellationToken)
    {
        try
        {
            if (_version is null)
                await ListAsync(cancellationToken).ConfigureAwait(false);
            else
                await WatchAsync(_version, cancellationToken).ConfigureAwait(false);
            return TimeSpan.Zero;
        }
        catch (ApiException e) when (e.IsExpired)
        {
            Log.Expired(_logger, _resource.Resource, _version);
            _version = null;
            // The first relist is immediate; a server on which everything is expired at once is not asked in a tight loop.
            return ++_failures == 1 ? TimeSpan.Zero : _options.Reconnect.After(_failures);
        }
        catch (ApiException e) when (!e.IsTransient)
        {
            Log.Refused(_logger, _resource.Resource, e.Message);
            return _options.Refused.After(++_failures);
        }
        catch (Exception e) when (e is ApiException or ApiUnreachableException or TimeoutException)
        {
            // One line when it begins; the server's absence concerns every kind, and is told once per kind.
            Log.Lost(_logger, _failures == 0 ? LogLevel.Warning : LogLevel.Debug, _resource.Resource, _version, e.Message);
            // A server that keeps answering but cannot watch from our version may have been restored to an older state.
            if (e is ApiException && _failures >= 3)
                _version = null;
            return _options.Reconnect.After(++_failures);
        }
        catch (Exception e) when (e is JsonException or InvalidDataException)
        {
            // One object that does not fit its record must not take the other kinds' caches down with it.
            Log.Undecodable(_logger, e, _resource.Resource);
            return _options.Refused.After(++_failures);
        }
    }

    private async Task ListAsync(CancellationToken cancellationToken)
    {
        var items = new List<T>();
        var page = new ListOptions
        {
            Namespace = _options.Namespace,
            LabelSelector = _options.LabelSelector,
            FieldSelector = _options.FieldSelector,
            Limit = _options.PageSize,
        };
        ResourceList<T> list;
        do
        {
            list = await _client.ListAsync<T>(_resource, page, cancellationToken).ConfigureAwait(false);
            items.AddRange(list.Items);
            page = page with { Continue = list.Metadata.Continue };
        }
        while (!string.IsNullOrEmpty(page.Continue));

        var version = list.Metadata.ResourceVersion ?? throw new JsonException("A list has no resourceVersion.");
        // Only now, after the last page: a half-read list would look like deletions.
        _cache.Replace(items, version);
        _version = version;
        Log.Listed(_logger, _resource.Resource, items.Count, version);
    }

    private async Task WatchAsync(string from, CancellationToken cancellationToken)
    {
        var started = _time.GetTimestamp();
        using var silence = new CancellationTokenSource(_options.Silence, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, silence.Token);
        try
        {
            await foreach (var change in _client.WatchAsync<T>(_resource, WatchFrom(from), linked.Token).ConfigureAwait(false))
            {
                silence.CancelAfter(_options.Silence);
                Take(change);
                _version = change.ResourceVersion;
                _failures = 0;
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"silent for {_options.Silence.TotalSeconds} s");
        }
        // A server (or something in between) that ends every watch at once is asked less and less often.
        if (_time.GetElapsedTime(started) < TimeSpan.FromSeconds(1) && _version == from)
            throw new TimeoutException("ended at once");
        _failures = 0;
    }

    private WatchOptions WatchFrom(string version) => new()
    {
        Namespace = _options.Namespace,
        LabelSelector = _options.LabelSelector,
        FieldSelector = _options.FieldSelector,
        ResourceVersion = version,
        // Spread, so that the watches of many kinds and processes do not all end together.
        Timeout = _options.WatchFor * (1 + Random.Shared.NextDouble()),
    };

    private void Take(WatchEvent<T> change)
    {
        switch (change.Type)
        {
            case WatchEventType.Added or WatchEventType.Modified:
                _cache.Set(change.Object!, change.ResourceVersion);
                break;
            case WatchEventType.Deleted:
                _cache.Remove(ObjectKey.Of(change.Object!), change.ResourceVersion);
                break;
            default:
                _cache.Advance(change.ResourceVersion);
                break;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Debug, "Listed {Count} {Resource} at {Version}")]
        public static partial void Listed(ILogger logger, string resource, int count, string version);

        [LoggerMessage(101, LogLevel.Information, "Version {Version} of {Resource} is no longer kept; listing again")]
        public static partial void Expired(ILogger logger, string resource, string? version);

        [LoggerMessage(EventId = 102, Message = "Lost {Resource} at {Version}: {Reason}")]
        public static partial void Lost(ILogger logger, LogLevel level, string resource, string? version, string reason);

        [LoggerMessage(103, LogLevel.Error, "The server refuses {Resource}: {Reason}")]
        public static partial void Refused(ILogger logger, string resource, string reason);

        [LoggerMessage(104, LogLevel.Error, "{Resource} cannot be read")]
        public static partial void Undecodable(ILogger logger, Exception exception, string resource);
    }
}
