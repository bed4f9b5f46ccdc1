using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Caching;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Vips;

/// <summary>Carries out the planner's decisions about one VIP.</summary>
internal sealed class VipReconciler(
    ControllerContext context, AddressRange range, ObjectCache<Vip> vips, ObjectCache<Pod> pods, ObjectCache<EndpointSlice> slices) : IReconciler
{
    private const string FieldManager = "vips";

    public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
    {
        // A VIP that is going takes its slices with it: they are its dependents.
        if (!vips.TryGet(key, out var vip) || vip.Metadata.DeletionTimestamp is not null)
            return ReconcileResult.Done;
        var selected = pods.List().Where(pod => pod.Metadata.Namespace == key.Namespace && VipSelector.Matches(vip.Spec, pod)).ToArray();
        var owned = slices.List().Where(slice => slice.Metadata.Namespace == key.Namespace && slice.IsControlledBy(vip)).ToArray();
        var plan = VipPlanner.Plan(vip, vips.List(), selected, owned, range, context.Time.GetUtcNow());

        foreach (var slice in plan.Apply)
            await context.Client.ApplyAsync(slice, new WriteOptions { FieldManager = FieldManager, Force = true }, cancellationToken);
        foreach (var slice in plan.Delete)
            await context.Client.TryDeleteAsync<EndpointSlice>(ObjectKey.Of(slice), cancellationToken);
        if (plan.LostAddress is { } lost)
            context.Events.Warning(vip, "AddressConflict", $"{lost} belongs to an older VIP; this one gets another.");
        if (plan.Status.Address is { } address && address != vip.Status?.Address)
            context.Events.Normal(vip, "AddressAllocated", $"The address is {address}.");
        await context.Client.WriteStatusAsync(vip, vip with { Status = plan.Status }, cancellationToken);
        return ReconcileResult.Done;
    }
}
