using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Controllers.Scheduling;

/// <summary>What a pod takes on a node, in whole numbers.</summary>
/// <param name="Cpu">Millicores.</param>
/// <param name="Memory">Bytes.</param>
/// <param name="HostPorts">Ports of the node, encoded by <see cref="EncodePort"/>.</param>
internal sealed record PodDemand(long Cpu, long Memory, IReadOnlyList<int> HostPorts)
{
    /// <summary>
    /// Reads a pod. What a container requests counts, else its limit. Init containers run one after the other before the rest, so the
    /// largest of them counts if it is more than the rest together.
    /// </summary>
    public static PodDemand Of(Pod pod)
    {
        var spec = pod.Spec ?? new PodSpec();
        var ports = spec.Containers.SelectMany(static container => container.Ports)
            .Where(static port => port.HostPort is > 0).Select(static port => EncodePort(port.HostPort!.Value, port.Protocol)).ToArray();
        return new PodDemand(Amount(spec, "cpu", static quantity => quantity.Milli), Amount(spec, "memory", static quantity => quantity.Units), ports);
    }

    /// <summary>Protocol and port as one number.</summary>
    public static int EncodePort(int port, string? protocol) => protocol == "UDP" ? port | 1 << 16 : port;

    private static long Amount(PodSpec spec, string resource, Func<Quantity, long> read)
    {
        long Of(Container container) =>
            container.Resources is not { } resources ? 0
            : resources.Requests.TryGetValue(resource, out var requested) ? read(requested)
            : resources.Limits.TryGetValue(resource, out var limit) ? read(limit) : 0;
        return Math.Max(spec.Containers.Sum(Of), spec.InitContainers.Select(Of).DefaultIfEmpty().Max());
    }
}

/// <summary>Which instances a pod is spread and constrained among: those of its app's same revision.</summary>
/// <param name="Namespace">Namespace.</param>
/// <param name="App">Name of the app.</param>
/// <param name="Revision">Name of the revision. Instances of older revisions do not count, so that an upgrade can use their places.</param>
internal readonly record struct InstanceGroup(string Namespace, string App, string Revision)
{
    /// <summary>The group of a pod, or <c>null</c> for a pod of no app.</summary>
    public static InstanceGroup? Of(Pod pod) =>
        pod.Metadata.Labels.TryGetValue(WellKnownLabels.App, out var app)
            ? new InstanceGroup(pod.Metadata.Namespace ?? "", app, pod.Metadata.Labels.GetValueOrDefault(WellKnownLabels.Revision, ""))
            : null;
}
