using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.GarbageCollection.Namespaces;

/// <summary>A living namespace gets what every namespace has; a deleted one is emptied.</summary>
internal sealed class NamespaceReconciler(ObjectCache<Namespace> namespaces, NamespaceDefaults defaults, NamespaceTermination termination) : IReconciler, IKeySource
{
    public Task FeedAsync(Action<ObjectKey> add, CancellationToken cancellationToken) => defaults.WatchAsync(add, cancellationToken);

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        if (!namespaces.TryGet(key, out var item))
            return ReconcileResult.Done;
        if (item.Metadata.DeletionTimestamp is not null)
            return await termination.ContinueAsync(item, cancellationToken);
        await defaults.EnsureAsync(key.Name, cancellationToken);
        return ReconcileResult.Done;
    }
}
