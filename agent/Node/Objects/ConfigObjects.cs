using System.Collections.Concurrent;
using ControlPlane.Agent.Configuration;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;

namespace ControlPlane.Agent.Objects;

/// <summary>
/// Secrets and ConfigMaps that pods of this node refer to. Asked of the API when needed, so that a start sees what was just written;
/// many pods starting at once share an answer, and while the API is away the last known one serves, so that containers can restart.
/// </summary>
internal sealed class ConfigObjects(IApiClient client, TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Kept = TimeSpan.FromHours(24);

    private readonly ConcurrentDictionary<(Type Kind, ObjectKey Key), Entry> _entries = new();

    /// <summary>What exists of the given names.</summary>
    /// <exception cref="ApiUnreachableException">The API is away and the object was never seen.</exception>
    public async Task<ConfigSources> GetAsync(string @namespace, ConfigReferences references, CancellationToken cancellation)
    {
        if (references.IsEmpty)
            return new ConfigSources();
        var secrets = GetAllAsync<Secret>(@namespace, references.Secrets, cancellation);
        var configMaps = GetAllAsync<ConfigMap>(@namespace, references.ConfigMaps, cancellation);
        await Task.WhenAll(secrets, configMaps);
        return new ConfigSources { Secrets = await secrets, ConfigMaps = await configMaps };
    }

    /// <summary>Forgets what nobody asked for in a day.</summary>
    public void Trim()
    {
        var now = time.GetUtcNow();
        foreach (var (key, entry) in _entries)
        {
            if (now - entry.At > Kept)
                _entries.TryRemove(key, out _);
        }
    }

    private async Task<IReadOnlyDictionary<string, T>> GetAllAsync<T>(
        string @namespace, IReadOnlySet<string> names, CancellationToken cancellation)
        where T : Resource
    {
        var found = await Task.WhenAll(names.Select(name => GetAsync<T>(new ObjectKey(@namespace, name), cancellation)));
        return found.OfType<T>().ToDictionary(item => item.Metadata.Name ?? "");
    }

    private async Task<T?> GetAsync<T>(ObjectKey key, CancellationToken cancellation) where T : Resource
    {
        var id = (typeof(T), key);
        var known = _entries.GetValueOrDefault(id);
        if (known is not null && time.GetUtcNow() - known.At < Fresh)
            return (T?)known.Item;
        try
        {
            var item = await client.TryGetAsync<T>(key, cancellation);
            _entries[id] = new Entry(item, time.GetUtcNow());
            return item;
        }
        catch (Exception e) when (known?.Item is not null && e is ApiUnreachableException or ApiException { IsTransient: true })
        {
            return (T?)known!.Item;
        }
    }

    private sealed record Entry(Resource? Item, DateTimeOffset At);
}
