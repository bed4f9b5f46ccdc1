using ControlPlane.Api.Core.V1;
using ControlPlane.Controllers.Scheduling.Constraints;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>A pod that wants a node, read once for all filters and scores.</summary>
/// <param name="Pod">The pod.</param>
/// <param name="Demand">What it takes.</param>
/// <param name="Group">Its app's instances, or <c>null</c>.</param>
/// <param name="GroupSize">How many instances the app should have.</param>
/// <param name="Constraints">The app's placement constraints.</param>
internal sealed record PendingPod(Pod Pod, PodDemand Demand, InstanceGroup? Group, int GroupSize, IReadOnlyList<NodeConstraint> Constraints);
