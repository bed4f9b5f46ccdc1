using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Values;

namespace ControlPlane.Controllers.Vips;

/// <summary>Turns the pods behind a VIP into endpoint slices: the same pods always make the same slices.</summary>
internal static class EndpointPlanner
{
    private const int EndpointsEach = 100;

    /// <summary>The slices of a VIP.</summary>
    /// <param name="vip">The VIP.</param>
    /// <param name="pods">The pods it selects.</param>
    public static IReadOnlyList<EndpointSlice> Plan(Vip vip, IEnumerable<Pod> pods)
    {
        var slices = new List<EndpointSlice>();
        // Pods of two revisions can have the same port name on different numbers: a slice is of pods with the same numbers.
        var groups = pods.Where(IsReachable).OrderBy(static pod => pod.Metadata.Name, StringComparer.Ordinal)
            .GroupBy(pod => new PortNumbers([.. vip.Spec.Ports.Select(port => Resolve(port, pod))]))
            .OrderBy(static group => group.Key.ToString(), StringComparer.Ordinal);
        foreach (var group in groups)
        {
            var ports = vip.Spec.Ports.Zip(group.Key.Numbers).Where(static pair => pair.Second is not null)
                .Select(static pair => new EndpointPort { Name = VipPorts.EndpointName(pair.First), Protocol = VipPorts.Protocol(pair.First), Port = pair.Second }).ToArray();
            if (ports.Length == 0)
                continue;
            var index = 0;
            foreach (var chunk in group.Chunk(EndpointsEach))
                slices.Add(Slice(vip, $"{vip.Metadata.Name}-{group.Key.Hash()}-{(index++).ToString(CultureInfo.InvariantCulture)}", ports, chunk));
        }

        return slices;
    }

    /// <summary>How many pods take connections.</summary>
    public static int CountReady(IEnumerable<EndpointSlice> slices) => slices.Sum(static slice => slice.Endpoints.Count(static endpoint => endpoint.Conditions?.Ready == true));

    private static bool IsReachable(Pod pod) => pod.Status is { PodIp.Length: > 0, Phase: not ("Succeeded" or "Failed") };

    private static int? Resolve(VipPort port, Pod pod)
    {
        var target = port.TargetPort ?? new IntOrString(port.Port);
        if (target.Number is { } number)
            return number;
        var protocol = VipPorts.Protocol(port);
        return pod.Spec?.Containers.SelectMany(static container => container.Ports)
            .FirstOrDefault(candidate => candidate.Name == target.Text && (candidate.Protocol ?? "TCP") == protocol)?.ContainerPortNumber;
    }

    private static EndpointSlice Slice(Vip vip, string name, IReadOnlyList<EndpointPort> ports, IEnumerable<Pod> pods) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = vip.Metadata.Namespace,
            Labels = new Dictionary<string, string> { [WellKnownLabels.Vip] = vip.Metadata.Name! },
            OwnerReferences = [vip.AsController()],
        },
        AddressType = "IPv4",
        Ports = ports,
        Endpoints = [.. pods.Select(Endpoint)],
    };

    private static Endpoint Endpoint(Pod pod)
    {
        var serving = pod.Status!.Conditions.Any(static condition => condition is { Type: "Ready", Status: "True" });
        var terminating = pod.Metadata.DeletionTimestamp is not null;
        return new Endpoint
        {
            Addresses = [pod.Status.PodIp!],
            NodeName = pod.Spec!.NodeName,
            Conditions = new EndpointConditions { Ready = serving && !terminating, Serving = serving, Terminating = terminating },
            TargetRef = new ObjectReference { Kind = "Pod", Name = pod.Metadata.Name, Namespace = pod.Metadata.Namespace, Uid = pod.Metadata.Uid },
        };
    }

    /// <summary>The numbers that a VIP's ports have in a pod, in the VIP's order; <c>null</c> where the pod has no such port.</summary>
    private sealed record PortNumbers(IReadOnlyList<int?> Numbers)
    {
        public bool Equals(PortNumbers? other) => other is not null && Numbers.SequenceEqual(other.Numbers);

        public override int GetHashCode() => ToString().GetHashCode(StringComparison.Ordinal);

        public override string ToString() => string.Join(',', Numbers.Select(static number => number?.ToString(CultureInfo.InvariantCulture) ?? "-"));

        public string Hash() => Convert.ToHexStringLower(SHA256.HashData(Encoding.ASCII.GetBytes(ToString())))[..6];
    }
}
