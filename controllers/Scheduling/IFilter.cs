namespace ControlPlane.Controllers.Scheduling;

/// <summary>Rules out nodes. One is made for each pod, so it may compute what all nodes share once.</summary>
internal interface IFilter
{
    /// <summary>Why the node is ruled out, as it stands in "0/3 nodes fit: 2 insufficient cpu", or <c>null</c>.</summary>
    string? Reject(int node);
}

/// <summary>Prefers nodes.</summary>
internal interface IScore
{
    /// <summary>From 0 to 100; more is better.</summary>
    int Of(int node);
}
