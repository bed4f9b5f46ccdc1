namespace ControlPlane.Api.Platform.V1;

/// <summary>Labels that controllers put on what they make.</summary>
public static class WellKnownLabels
{
    /// <summary>On pods and revisions: the app's name.</summary>
    public const string App = "controlplane.dev/app";

    /// <summary>On apps and pods: the group's name.</summary>
    public const string Group = "controlplane.dev/group";

    /// <summary>On pods: the last part of the name of the revision they were made from, APP-REVISION.</summary>
    public const string Revision = "controlplane.dev/revision";

    /// <summary>On pods: the instance's index within its revision.</summary>
    public const string Index = "controlplane.dev/index";

    /// <summary>On endpoint slices: the VIP's name.</summary>
    public const string Vip = "controlplane.dev/vip";

    /// <summary>On nodes: the host name.</summary>
    public const string Hostname = "kubernetes.io/hostname";

    /// <summary>On nodes: the region.</summary>
    public const string Region = "topology.kubernetes.io/region";

    /// <summary>On nodes: the zone.</summary>
    public const string Zone = "topology.kubernetes.io/zone";
}

/// <summary>Annotations by which controllers and agents talk about a pod.</summary>
public static class WellKnownAnnotations
{
    /// <summary>On pods: the app's placement constraints, a JSON list of <see cref="PlacementConstraint"/>.</summary>
    public const string Constraints = "controlplane.dev/constraints";

    /// <summary>On pods: first restart delay in seconds, factor, longest delay in seconds; e.g. <c>1,1.15,300</c>.</summary>
    public const string Backoff = "controlplane.dev/backoff";

    /// <summary>On pods: how many pods in a row failed in this one's place before it.</summary>
    public const string Failures = "controlplane.dev/failures";
}

/// <summary>Finalizers of the built-in controllers.</summary>
public static class WellKnownFinalizers
{
    /// <summary>On groups: stops the apps in reverse order of their dependencies.</summary>
    public const string OrderedStop = "controlplane.dev/ordered-stop";

    /// <summary>The garbage collector deletes dependents first.</summary>
    public const string Foreground = "foregroundDeletion";

    /// <summary>The garbage collector takes the owner from dependents first.</summary>
    public const string Orphan = "orphan";
}
