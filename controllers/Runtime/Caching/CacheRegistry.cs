using System.Collections.Concurrent;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Controllers.Caching;

/// <summary>One cache per kind for all controllers of a process, filled from when it is first asked for.</summary>
internal sealed class CacheRegistry(IApiClient client, LoopGroup loops, TimeProvider time, ILoggerFactory loggers)
{
    private readonly ConcurrentDictionary<ResourceInfo, Lazy<ICacheView>> _caches = new();

    public ObjectCache<T> Get<T>() where T : Resource =>
        (ObjectCache<T>)_caches.GetOrAdd(ResourceInfo.Of<T>(), resource => new Lazy<ICacheView>(() => Start<T>(resource))).Value;

    /// <summary>The cache of a kind, if anybody uses one.</summary>
    public ICacheView? Find(ResourceInfo resource) => _caches.TryGetValue(resource, out var cache) ? cache.Value : null;

    /// <summary>Whether every cache in use is complete.</summary>
    public bool AreSynced => _caches.Values.All(static cache => cache.Value.Synced.IsCompletedSuccessfully);

    private ObjectCache<T> Start<T>(ResourceInfo resource) where T : Resource
    {
        var cache = new ObjectCache<T>();
        var reflector = new Reflector<T>(client, resource, cache, new ReflectorOptions(), time, loggers.CreateLogger<Reflector<T>>());
        loops.Start($"cache of {resource.Resource}", reflector.RunAsync);
        return cache;
    }
}
