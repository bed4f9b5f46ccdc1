using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Networking.Cni;
using ControlPlane.Agent.Networking.Vips;
using ControlPlane.Agent.Networks;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Hooks;

/// <summary>The pod's namespaces, and its connection to the pod network.</summary>
internal sealed class NetworkHook(NodeNetwork network) : IPodHook
{
    public string Name => "network";

    public async Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        var cni = network.Cni;

        // An earlier try may have connected namespaces that are about to be replaced.
        await cni.DeleteAsync(sandbox.Uid, cancellation);
        var paths = PodNamespaces.Create(sandbox.Paths.Root, new PodNamespaceRequest { Hostname = HostnameOf(sandbox.Pod) });
        var result = await cni.AddAsync(
            new PodAttachment
            {
                ContainerId = sandbox.Uid,
                PodNamespace = sandbox.Pod.Metadata.Namespace ?? "",
                PodName = sandbox.Pod.Metadata.Name ?? "",
                NetworkNamespace = paths.Network!,
                HostPorts = [.. HostPorts(sandbox.Pod)],
            },
            cancellation);
        sandbox.PodIp = result.Addresses[0].ToString();
    }

    public async Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        if (network.FindCni() is { } cni)
            await cni.DeleteAsync(sandbox.Uid, cancellation);
        PodNamespaces.Remove(sandbox.Paths.Root);
    }

    public static string HostnameOf(Pod pod)
    {
        const int Longest = 63;
        var name = pod.Spec?.Hostname ?? pod.Metadata.Name ?? "pod";
        return name.Length <= Longest ? name : name[..Longest].TrimEnd('-', '.');
    }

    private static IEnumerable<HostPort> HostPorts(Pod pod) =>
        from container in pod.Spec?.Containers ?? []
        from port in container.Ports
        where port.HostPort is not null
        select new HostPort(port.HostPort!.Value, port.ContainerPortNumber, port.Protocol == "UDP" ? VipProtocol.Udp : VipProtocol.Tcp);
}
