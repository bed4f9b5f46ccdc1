using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Vips;

/// <summary>Decides a VIP's address, endpoint slices and status. Pure.</summary>
internal static class VipPlanner
{
    /// <summary>The DNS zone of VIPs.</summary>
    private const string Zone = "vip.cluster.local";

    /// <summary>What to do about a VIP.</summary>
    /// <param name="vip">The VIP.</param>
    /// <param name="all">All VIPs of the cluster, this one among them.</param>
    /// <param name="pods">The pods it selects.</param>
    /// <param name="slices">The slices it owns.</param>
    /// <param name="range">Where addresses come from.</param>
    /// <param name="now">The time.</param>
    public static VipPlan Plan(Vip vip, IReadOnlyList<Vip> all, IReadOnlyList<Pod> pods, IReadOnlyList<EndpointSlice> slices, AddressRange range, DateTimeOffset now)
    {
        var others = all.Where(other => other.Metadata.Uid != vip.Metadata.Uid && other.Status?.Address is not null).ToArray();
        var current = vip.Status?.Address;
        // Only a fault can give two VIPs one address. The older one keeps it: its clients have known it longer.
        var lost = current is not null && others.Any(other => other.Status!.Address == current && IsOlder(other, vip));
        var address = current is not null && !lost && range.Contains(current)
            ? current
            : range.Allocate($"{vip.Metadata.Namespace}/{vip.Metadata.Name}", others.Select(static other => other.Status!.Address!).ToHashSet());

        var desired = EndpointPlanner.Plan(vip, pods);
        var names = desired.Select(static slice => slice.Metadata.Name).ToHashSet();
        return new VipPlan(
            [.. desired.Where(slice => !slices.Any(present => IsSame(present, slice)))],
            [.. slices.Where(slice => !names.Contains(slice.Metadata.Name))],
            Status(vip, address, EndpointPlanner.CountReady(desired), now))
        {
            LostAddress = lost ? current : null,
        };
    }

    private static VipStatus Status(Vip vip, string? address, int ready, DateTimeOffset now)
    {
        var generation = vip.Metadata.Generation;
        var allocated = address is not null
            ? new Condition { Type = "Allocated", Status = "True", Reason = "AddressAllocated", Message = $"The address is {address}.", ObservedGeneration = generation }
            : new Condition { Type = "Allocated", Status = "False", Reason = "RangeExhausted", Message = "All addresses for VIPs are taken; give the vips controller a larger --vip-cidr.", ObservedGeneration = generation };
        var serving = ready > 0
            ? new Condition { Type = "Ready", Status = "True", Reason = "EndpointsReady", Message = string.Create(CultureInfo.InvariantCulture, $"{ready} of the instances take connections."), ObservedGeneration = generation }
            : new Condition { Type = "Ready", Status = "False", Reason = "NoReadyEndpoints", Message = $"No instance of {VipSelector.Describe(vip.Spec)} is ready: connections are refused.", ObservedGeneration = generation };
        return new VipStatus
        {
            ObservedGeneration = generation,
            Address = address,
            Hostname = address is null ? null : $"{vip.Metadata.Name}.{vip.Metadata.Namespace}.{Zone}",
            PortList = string.Join(',', vip.Spec.Ports.Select(static port => string.Create(CultureInfo.InvariantCulture, $"{port.Port}/{port.Protocol ?? "TCP"}"))),
            ReadyEndpoints = ready,
            Conditions = (vip.Status?.Conditions ?? []).With(allocated, now).With(serving, now),
        };
    }

    private static bool IsOlder(Vip other, Vip vip)
    {
        var byTime = Nullable.Compare(other.Metadata.CreationTimestamp, vip.Metadata.CreationTimestamp);
        return byTime != 0 ? byTime < 0 : string.CompareOrdinal(other.Metadata.Uid, vip.Metadata.Uid) < 0;
    }

    private static bool IsSame(EndpointSlice present, EndpointSlice wanted) =>
        present.Metadata.Name == wanted.Metadata.Name && Content(present).AsSpan().SequenceEqual(Content(wanted));

    private static byte[] Content(EndpointSlice slice) => ApiJson.Serialize(slice with
    {
        Metadata = new ObjectMeta { Labels = slice.Metadata.Labels, OwnerReferences = slice.Metadata.OwnerReferences },
    });
}
