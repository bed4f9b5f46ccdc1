using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Vips;

/// <summary>What to do about a VIP.</summary>
/// <param name="Apply">Slices to write.</param>
/// <param name="Delete">Slices that hold nothing any more.</param>
/// <param name="Status">The status it should have.</param>
internal sealed record VipPlan(IReadOnlyList<EndpointSlice> Apply, IReadOnlyList<EndpointSlice> Delete, VipStatus Status)
{
    /// <summary>The address that an older VIP has too, which this one therefore loses.</summary>
    public string? LostAddress { get; init; }
}
