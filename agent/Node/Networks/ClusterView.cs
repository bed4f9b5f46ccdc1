using ControlPlane.Agent.Objects;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Agent.Networks;

/// <summary>What the agent watches of the cluster beside its own pods.</summary>
internal sealed class ClusterView
{
    public ObjectCache<Node> Nodes { get; } = new();

    public ObjectCache<Vip> Vips { get; } = new();

    public ObjectCache<EndpointSlice> Slices { get; } = new();

    /// <summary>Raised after any change, on a watch's task: handlers only signal.</summary>
    public event Action? Changed
    {
        add
        {
            Nodes.Changed += value;
            Vips.Changed += value;
            Slices.Changed += value;
        }
        remove
        {
            Nodes.Changed -= value;
            Vips.Changed -= value;
            Slices.Changed -= value;
        }
    }

    /// <summary>Completes when everything has been listed once.</summary>
    public Task Synced => Task.WhenAll(Nodes.Synced, Vips.Synced, Slices.Synced);
}
