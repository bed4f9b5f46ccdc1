using System.Net;
using ControlPlane.Agent.Networking;
using ControlPlane.Agent.Networking.Cni;
using ControlPlane.Agent.Networking.Vips;

namespace ControlPlane.Node.Tests.Networking;

public sealed class CniRunnerTests
{
    [Fact]
    public async Task Add_Pod_CanTalkToNodeAndNeighbour()
    {
        await using var lab = await NetworkLab.CreateAsync(2);
        var (a, b) = (await lab.AddPodAsync(lab.Nodes[0]), await lab.AddPodAsync(lab.Nodes[1]));

        Assert.True(lab.Nodes[0].PodCidr.Contains(a.Address));
        Assert.Equal($"{b.Name} {a.Address}", await NamespaceSocket.AskAsync(a.Namespace, b.Endpoint));
        Assert.Equal($"{a.Name} 10.92.1.1", await NamespaceSocket.AskAsync(lab.Nodes[0].Namespace, a.Endpoint));
        Assert.StartsWith(a.Name, await NamespaceSocket.AskAsync(a.Namespace, new IPEndPoint(IPAddress.Loopback, 8080)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_HostPort_IsOpenOnTheNodeUntilDelete()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var pod = await lab.AddPodAsync(node, new HostPort(18080, 8080, VipProtocol.Tcp));
        var front = new IPEndPoint(node.Address, 18080);

        Assert.StartsWith(pod.Name, await NamespaceSocket.AskAsync(lab.Lan, front), StringComparison.Ordinal);

        await node.Cni.DeleteAsync(pod.Attachment.ContainerId, CancellationToken.None);
        Assert.DoesNotContain("18080", await node.Programs.RunAsync("iptables-save"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_AfterRestartAndTwice_FreesTheAddress()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var pod = await lab.AddPodAsync(node);
        Assert.True(File.Exists(Path.Combine(node.Allocations, pod.Address.ToString())));

        var restarted = node.RestartedCni();
        await restarted.DeleteAsync(pod.Attachment.ContainerId, CancellationToken.None);
        await restarted.DeleteAsync(pod.Attachment.ContainerId, CancellationToken.None);

        Assert.False(File.Exists(Path.Combine(node.Allocations, pod.Address.ToString())));
    }

    [Fact]
    public async Task Delete_NamespaceGone_StillFreesTheAddress()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var pod = await lab.AddPodAsync(node, new HostPort(18081, 8080, VipProtocol.Tcp));
        await NetworkNamespace.DeleteAsync(Path.GetFileName(pod.Namespace), CancellationToken.None);

        await node.Cni.DeleteAsync(pod.Attachment.ContainerId, CancellationToken.None);

        Assert.False(File.Exists(Path.Combine(node.Allocations, pod.Address.ToString())));
        Assert.DoesNotContain("18081", await node.Programs.RunAsync("iptables-save"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Add_Again_ReturnsTheSameAddress()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var pod = await lab.AddPodAsync(lab.Nodes[0]);

        var again = await lab.Nodes[0].RestartedCni().AddAsync(pod.Attachment, CancellationToken.None);

        Assert.Equal(pod.Address, again.Addresses[0]);
        await lab.Nodes[0].Cni.CheckAsync(pod.Attachment.ContainerId, CancellationToken.None);
    }

    [Fact]
    public async Task Add_ToNoNamespace_FailsWithThePluginsWordsAndLeaksNothing()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var pod = await lab.AddPodAsync(node);

        var failure = await Assert.ThrowsAsync<CniException>(() => node.Cni.AddAsync(
            pod.Attachment with { ContainerId = "nowhere", NetworkNamespace = "/run/netns/no-such-namespace" }, CancellationToken.None));

        Assert.Contains("no-such-namespace", failure.Message, StringComparison.Ordinal);
        Assert.Equal([pod.Address.ToString()], Addresses(node));
    }

    [Fact]
    public async Task Sweep_FreesOnlyPodsThatAreGone()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var kept = await lab.AddPodAsync(node);
        await lab.AddPodAsync(node);
        // An address that host-local took before a crash and nobody knows of.
        await File.WriteAllTextAsync(Path.Combine(node.Allocations, "10.92.1.200"), "unknown\r\neth0");

        var freed = await node.RestartedCni().SweepAsync(new HashSet<string> { kept.Attachment.ContainerId }, CancellationToken.None);

        Assert.Equal(2, freed);
        Assert.Equal([kept.Address.ToString()], Addresses(node));
        Assert.StartsWith(kept.Name, await NamespaceSocket.AskAsync(node.Namespace, kept.Endpoint), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Routes_PeerGone_AreRemoved()
    {
        await using var lab = await NetworkLab.CreateAsync(2);
        var node = lab.Nodes[0];
        Assert.Contains("10.92.2.0/24 via 10.90.0.12", await RoutesAsync(), StringComparison.Ordinal);
        node.Programs.Inputs.Clear();

        await node.Routes.ApplyAsync([.. lab.PeersOf(node)], CancellationToken.None);
        Assert.DoesNotContain(node.Programs.Inputs, input => input.Length > 0);

        await node.Routes.ApplyAsync([], CancellationToken.None);
        var routes = await RoutesAsync();
        Assert.DoesNotContain("10.92.2.0/24", routes, StringComparison.Ordinal);
        Assert.Contains("unreachable 10.92.0.0/16", routes, StringComparison.Ordinal);
        Assert.Contains("local 10.91.0.0/16", routes, StringComparison.Ordinal);

        Task<string> RoutesAsync() => node.Programs.RunAsync("ip", "-4", "route", "show", "table", "all", "proto", "177");
    }

    private static IEnumerable<string> Addresses(LabNode node) =>
        Directory.EnumerateFiles(node.Allocations).Select(file => Path.GetFileName(file)!).Where(file => IPAddress.TryParse(file, out _));
}
