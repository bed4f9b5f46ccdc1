using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers;

/// <summary>
/// Remembers what a controller wrote until the caches show it, so that it never decides on a state older than its own last write:
/// otherwise it would create the same child twice or miss that it deleted one.
/// </summary>
internal sealed class WriteTracker(CacheRegistry caches)
{
    private readonly Lock _gate = new();

    // Under _gate.
    private readonly Dictionary<ResourceInfo, string> _versions = [];
    private readonly HashSet<Deletion> _deletions = [];

    /// <summary>Notes a successful write by its answer.</summary>
    public void Wrote(ApiRequest request, object? answer)
    {
        if (request.Resource is null || caches.Find(request.Resource) is null)
            return;
        if (request.Method == HttpMethod.Delete)
        {
            if (answer is JsonObject tree && request.Key.Name.Length > 0)
                Deleted(request, DynamicOperations.ReadDeleteResult(tree));
        }
        else if (ResponseMetadata.Of(answer).ResourceVersion is { } version)
        {
            Reached(request.Resource, version);
        }
    }

    /// <summary>Waits until the caches show everything that was written.</summary>
    public async ValueTask CaughtUpAsync(CancellationToken cancellationToken)
    {
        while (Next() is { } pending)
        {
            await pending.Wait(cancellationToken).ConfigureAwait(false);
            lock (_gate)
                pending.Remove();
        }
    }

    private void Deleted(ApiRequest request, DeleteResult result)
    {
        if (!result.IsGone && result.ResourceVersion is { } version)
        {
            Reached(request.Resource!, version);
        }
        else if (result.Uid is { } uid)
        {
            lock (_gate)
                _deletions.Add(new Deletion(request.Resource!, request.Key, uid));
        }
    }

    private void Reached(ResourceInfo resource, string version)
    {
        lock (_gate)
        {
            if (!ResourceVersions.IsAtLeast(_versions.GetValueOrDefault(resource), version))
                _versions[resource] = version;
        }
    }

    private Pending? Next()
    {
        lock (_gate)
        {
            foreach (var (resource, version) in _versions)
            {
                return new Pending(
                    token => caches.Find(resource)!.WaitForAsync(version, token),
                    () => RemoveVersion(resource, version));
            }
            foreach (var deletion in _deletions)
            {
                return new Pending(
                    token => caches.Find(deletion.Resource)!.WaitForAbsenceAsync(deletion.Key, deletion.Uid, token),
                    () => _deletions.Remove(deletion));
            }
            return null;
        }
    }

    // Caller holds _gate. A later version may have been noted meanwhile.
    private void RemoveVersion(ResourceInfo resource, string version)
    {
        if (_versions.GetValueOrDefault(resource) == version)
            _versions.Remove(resource);
    }

    private readonly record struct Deletion(ResourceInfo Resource, ObjectKey Key, string Uid);

    private sealed record Pending(Func<CancellationToken, Task> Wait, Action Remove);
}
