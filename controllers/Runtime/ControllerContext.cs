using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;
using ControlPlane.Controllers.Reporting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers;

/// <summary>What a controller has to work with during one term of leadership.</summary>
public sealed class ControllerContext
{
    private readonly CacheRegistry _caches;
    private readonly ILoggerFactory _loggers;
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly HashSet<ICacheView> _used = [];

    internal ControllerContext(string name, IApiClient client, ClientConfig config, CacheRegistry caches, EventRecorder events, TimeProvider time, ILoggerFactory loggers)
    {
        Name = name;
        Client = client;
        Config = config;
        Events = events;
        Time = time;
        _caches = caches;
        _loggers = loggers;
    }

    /// <summary>The controller's name; also its field manager.</summary>
    public string Name { get; }

    /// <summary>The API. Writes fail once leadership is lost.</summary>
    public IApiClient Client { get; }

    /// <summary>Where the API is and who asks.</summary>
    public ClientConfig Config { get; }

    /// <summary>Tells users what happened.</summary>
    public EventRecorder Events { get; }

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; }

    /// <summary>All objects of a kind, shared by all controllers of the process. Complete before the first reconciliation.</summary>
    public ObjectCache<T> Cache<T>() where T : Resource
    {
        var cache = _caches.Get<T>();
        lock (_gate)
            _used.Add(cache);
        return cache;
    }

    /// <summary>A log.</summary>
    public ILogger<T> Logger<T>() => _loggers.CreateLogger<T>();

    internal Task CachesSyncedAsync(CancellationToken cancellationToken)
    {
        lock (_gate)
            return Task.WhenAll(_used.Select(static cache => cache.Synced)).WaitAsync(cancellationToken);
    }
}
