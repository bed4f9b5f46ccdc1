using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Agent.Networking;
using ControlPlane.Agent.Networking.Vips;

namespace ControlPlane.Node.Tests.Networking;

public sealed class VipTableTests
{
    private static readonly IPEndPoint Web = new(IPAddress.Parse("10.91.0.5"), 80);

    [Fact]
    public async Task Connect_FromNodePodAndElsewhere_ReachesEveryBackend()
    {
        await using var lab = await NetworkLab.CreateAsync(2);
        var (first, second) = (lab.Nodes[0], lab.Nodes[1]);
        var pods = new[] { await lab.AddPodAsync(first), await lab.AddPodAsync(first), await lab.AddPodAsync(second) };
        var client = await lab.AddPodAsync(second);
        foreach (var node in lab.Nodes)
            await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, pods)], CancellationToken.None);

        foreach (var from in new[] { first.Namespace, second.Namespace, client.Namespace, lab.Lan })
        {
            var seen = new Dictionary<string, int>();
            for (var i = 0; i < 60; i++)
            {
                var name = (await NamespaceSocket.AskAsync(from, Web)).Split(' ')[0];
                seen[name] = seen.GetValueOrDefault(name) + 1;
            }

            Assert.Equal(pods.Select(pod => pod.Name), seen.Keys.Order());
            // 60 picks of 3: fewer than 6 for one of them has a probability below 1 in 100,000.
            Assert.All(seen.Values, count => Assert.InRange(count, 6, 48));
        }
    }

    [Fact]
    public async Task Connect_PodToPod_KeepsTheClientsAddress()
    {
        await using var lab = await NetworkLab.CreateAsync(2);
        var local = await lab.AddPodAsync(lab.Nodes[0]);
        var client = await lab.AddPodAsync(lab.Nodes[0]);
        var remote = await lab.AddPodAsync(lab.Nodes[1]);
        var far = new IPEndPoint(IPAddress.Parse("10.91.0.6"), 80);
        await lab.Nodes[0].Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, local), Vip(far, VipProtocol.Tcp, remote)], CancellationToken.None);

        Assert.Equal($"{local.Name} {client.Address}", await NamespaceSocket.AskAsync(client.Namespace, Web));
        Assert.Equal($"{remote.Name} {client.Address}", await NamespaceSocket.AskAsync(client.Namespace, far));
    }

    [Fact]
    public async Task Connect_PodToItself_Works()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var pod = await lab.AddPodAsync(lab.Nodes[0]);
        await lab.Nodes[0].Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, pod)], CancellationToken.None);

        Assert.StartsWith(pod.Name, await NamespaceSocket.AskAsync(pod.Namespace, Web), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Datagram_ToAUdpVip_IsAnswered()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var pod = await lab.AddPodAsync(lab.Nodes[0]);
        var client = await lab.AddPodAsync(lab.Nodes[0]);
        await lab.Nodes[0].Vips.ApplyAsync([Vip(Web, VipProtocol.Udp, pod)], CancellationToken.None);

        Assert.StartsWith(pod.Name, await NamespaceSocket.AskUdpAsync(client.Namespace, Web), StringComparison.Ordinal);
        Assert.StartsWith(pod.Name, await NamespaceSocket.AskUdpAsync(lab.Nodes[0].Namespace, Web), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithoutEndpointOrVip_IsRefusedAtOnce()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var client = await lab.AddPodAsync(node);
        // Listens at every address of the node; a VIP must not lead to it.
        await using var daemon = new LabServer("daemon", node.Namespace, 22);
        await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp)], CancellationToken.None);

        foreach (var target in new[] { Web, new IPEndPoint(Web.Address, 22), new IPEndPoint(IPAddress.Parse("10.91.7.7"), 22) })
            foreach (var from in new[] { client.Namespace, node.Namespace, lab.Lan })
            {
                var started = Stopwatch.StartNew();
                var refusal = await Assert.ThrowsAsync<SocketException>(() => NamespaceSocket.AskAsync(from, target));
                Assert.Equal(SocketError.ConnectionRefused, refusal.SocketErrorCode);
                Assert.True(started.Elapsed < TimeSpan.FromSeconds(2));
            }
    }

    [Fact]
    public async Task Apply_EndpointRemoved_KeepsEstablishedConnections()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var (old, next) = (await lab.AddPodAsync(node), await lab.AddPodAsync(node));
        var client = await lab.AddPodAsync(node);
        await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, old)], CancellationToken.None);
        using var connection = NamespaceSocket.Create(client.Namespace, SocketType.Stream, ProtocolType.Tcp);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await connection.ConnectAsync(Web, deadline.Token);
        Assert.StartsWith(old.Name, await NamespaceSocket.ReadAsync(connection, deadline.Token), StringComparison.Ordinal);

        await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, next)], CancellationToken.None);
        Assert.Equal("still", await EchoAsync(connection, "still"));
        Assert.StartsWith(next.Name, await NamespaceSocket.AskAsync(client.Namespace, Web), StringComparison.Ordinal);

        // A new process knows nothing of the table and replaces it whole.
        await node.RestartedVips().ApplyAsync([Vip(Web, VipProtocol.Tcp, next)], CancellationToken.None);
        Assert.Equal("here", await EchoAsync(connection, "here"));

        async Task<string> EchoAsync(Socket socket, string text)
        {
            await socket.SendAsync(System.Text.Encoding.ASCII.GetBytes(text), deadline.Token);
            return await NamespaceSocket.ReadAsync(socket, deadline.Token);
        }
    }

    [Fact]
    public async Task Apply_WithAThousandVips_ChangesOnlyWhatDiffers()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var pod = await lab.AddPodAsync(node);
        var vips = Enumerable.Range(1, 1000)
            .Select(i => Vip(new IPEndPoint(IPAddress.Parse($"10.91.{i / 250 + 1}.{i % 250 + 1}"), 80), VipProtocol.Tcp, pod)).ToList();
        await node.Vips.ApplyAsync(vips, CancellationToken.None);
        node.Programs.Inputs.Clear();

        var started = Stopwatch.StartNew();
        await node.Vips.ApplyAsync([.. vips, Vip(Web, VipProtocol.Tcp, pod)], CancellationToken.None);
        var one = started.Elapsed;
        await node.Vips.ApplyAsync([.. vips, Vip(Web, VipProtocol.Tcp, pod)], CancellationToken.None);

        // One transaction of three commands, and none when nothing changed.
        Assert.Equal(3, Assert.Single(node.Programs.Inputs).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.True(one < TimeSpan.FromSeconds(1), $"one change among 1,000 VIPs took {one.TotalMilliseconds:0} ms");
        Assert.StartsWith(pod.Name, await NamespaceSocket.AskAsync(node.Namespace, Web), StringComparison.Ordinal);

        await node.Vips.ApplyAsync([], CancellationToken.None);
        var rules = await node.Programs.RunAsync("nft", "list", "table", "ip", "controlplane");
        Assert.DoesNotContain("10.91.1.", rules, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remove_DeletesTheTable()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp)], CancellationToken.None);

        await node.Vips.RemoveAsync(CancellationToken.None);
        await node.Routes.RemoveAsync(CancellationToken.None);

        Assert.DoesNotContain("controlplane", await node.Programs.RunAsync("nft", "list", "tables"), StringComparison.Ordinal);
        Assert.Equal("", (await node.Programs.RunAsync("ip", "-4", "route", "show", "table", "all", "proto", "177")).Trim());
    }

    [Fact]
    public async Task Apply_RefusedByTheKernel_RecoversWithTheNextCall()
    {
        await using var lab = await NetworkLab.CreateAsync(1);
        var node = lab.Nodes[0];
        var pod = await lab.AddPodAsync(node);
        await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp)], CancellationToken.None);
        await node.Programs.RunAsync("nft", "delete", "table", "ip", "controlplane");

        await Assert.ThrowsAsync<NetworkException>(() => node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, pod)], CancellationToken.None));
        await node.Vips.ApplyAsync([Vip(Web, VipProtocol.Tcp, pod)], CancellationToken.None);

        Assert.StartsWith(pod.Name, await NamespaceSocket.AskAsync(node.Namespace, Web), StringComparison.Ordinal);
    }

    private static VipService Vip(IPEndPoint front, VipProtocol protocol, params LabPod[] pods) => new()
    {
        Name = "test/" + front.Address,
        Address = front.Address,
        Ports = [new VipPort { Port = front.Port, Protocol = protocol, Endpoints = [.. pods.Select(pod => pod.Endpoint)] }],
    };
}
