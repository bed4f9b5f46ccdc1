using System.Net;
using ControlPlane.Agent.Networks;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using SliceEndpoint = ControlPlane.Api.Discovery.V1.Endpoint;

namespace ControlPlane.Agent.Tests.Node;

public sealed class VipProjectionTests
{
    private static readonly IPNetwork Range = IPNetwork.Parse("10.96.0.0/16");

    [Fact]
    public void Services_JoinAVipWithItsReadyEndpoints()
    {
        var slice = Slice("web", new EndpointPort { Name = "http", Port = 8080, Protocol = "TCP" }, Ready("10.244.0.2", ready: true), Ready("10.244.0.3", ready: false));
        var other = Slice("api", new EndpointPort { Name = "http", Port = 9090, Protocol = "TCP" }, Ready("10.244.0.9", ready: true));

        var service = Assert.Single(VipProjection.Services([Vip("web", "10.96.0.1", new VipPort { Name = "http", Port = 80 })], [slice, other], Range));

        Assert.Equal("default/web", service.Name);
        Assert.Equal([IPEndPoint.Parse("10.244.0.2:8080")], Assert.Single(service.Ports).Endpoints);
    }

    [Fact]
    public void Services_WithoutAUsableAddress_AreLeftOut() =>
        Assert.Empty(VipProjection.Services([Vip("a", null), Vip("b", "192.168.0.1"), Vip("c", "nonsense")], [], Range));

    [Fact]
    public void Services_ThatClaimOnePort_GoToTheOlder()
    {
        var port = new VipPort { Port = 80 };
        var older = Vip("older", "10.96.0.1", port) with { Metadata = new ObjectMeta { Namespace = "default", Name = "older", CreationTimestamp = DateTimeOffset.UnixEpoch } };
        var newer = Vip("newer", "10.96.0.1", port) with { Metadata = new ObjectMeta { Namespace = "default", Name = "newer", CreationTimestamp = DateTimeOffset.UnixEpoch.AddDays(1) } };
        Assert.Equal([("default/older", 1), ("default/newer", 0)], VipProjection.Services([newer, older], [], Range).Select(s => (s.Name, s.Ports.Count)));
    }

    [Fact]
    public void Peers_AreTheOtherNodesThatHavePods()
    {
        Api.Core.V1.Node[] nodes = [Node("n1", "10.0.0.1", "10.244.0.0/24"), Node("n2", "10.0.0.2", "10.244.1.0/24"), Node("n3", "10.0.0.3", null)];
        var route = Assert.Single(VipProjection.Peers(nodes, "n1", "10.0.0.1"));
        Assert.Equal((IPNetwork.Parse("10.244.1.0/24"), IPAddress.Parse("10.0.0.2")), (route.PodCidr, route.Gateway));
    }

    private static Vip Vip(string name, string? address, params VipPort[] ports) => new()
    {
        Metadata = new ObjectMeta { Namespace = "default", Name = name },
        Spec = new VipSpec { Ports = ports },
        Status = new VipStatus { Address = address },
    };

    private static EndpointSlice Slice(string vip, EndpointPort port, params SliceEndpoint[] endpoints) => new()
    {
        AddressType = "IPv4",
        Metadata = new ObjectMeta { Namespace = "default", Name = vip + "-1", Labels = new Dictionary<string, string> { ["controlplane.dev/vip"] = vip } },
        Endpoints = endpoints,
        Ports = [port],
    };

    private static SliceEndpoint Ready(string address, bool ready) => new() { Addresses = [address], Conditions = new EndpointConditions { Ready = ready } };

    private static Api.Core.V1.Node Node(string name, string address, string? pods) => new()
    {
        Metadata = new ObjectMeta { Name = name },
        Spec = new NodeSpec { PodCidr = pods },
        Status = new NodeStatus { Addresses = [new NodeAddress { Type = "InternalIP", Address = address }] },
    };
}
