using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.Sample;

internal sealed class HelloReconciler(IApiClient client, ObjectCache<Namespace> namespaces, ObjectCache<ConfigMap> maps, string greeting) : IReconciler
{
    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        // Gone: so is everything in it.
        if (!namespaces.TryGet(key, out var @namespace) || @namespace.Metadata.DeletionTimestamp is not null)
            return ReconcileResult.Done;
        var wanted = HelloPlanner.Plan(@namespace, greeting);
        var present = maps.Find(new ObjectKey(key.Name, HelloPlanner.NameFor(key.Name)));
        if (wanted is null && present?.IsControlledBy(@namespace) == true)
            await client.TryDeleteAsync<ConfigMap>(ObjectKey.Of(present), cancellationToken);
        else if (wanted is not null && present?.Data.GetValueOrDefault("text") != wanted.Data["text"])
            await client.ApplyAsync(wanted, "hello", cancellationToken);
        return ReconcileResult.Done;
    }
}
