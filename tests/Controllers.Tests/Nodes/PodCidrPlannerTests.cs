using ControlPlane.Controllers.Nodes;
using static ControlPlane.Controllers.Tests.Nodes.NodeFactory;

namespace ControlPlane.Controllers.Tests.Nodes;

public sealed class PodCidrPlannerTests
{
    private static readonly Ipv4Network Cluster = Ipv4Network.Parse("10.244.0.0/16");

    [Fact]
    public void Plan_Gaps_AreFilledInOrder()
    {
        var plan = PodCidrPlanner.Plan([Node("a", cidr: "10.244.1.0/24"), Node("c"), Node("b")], Cluster, 24);

        Assert.Equal([("b", "10.244.0.0/24"), ("c", "10.244.2.0/24")], plan.Assignments.Select(static a => (a.Node.Metadata.Name!, a.Cidr)));
    }

    [Fact]
    public void Plan_ForeignSizes_AreAvoided()
    {
        var plan = PodCidrPlanner.Plan([Node("a", cidr: "10.244.0.0/23"), Node("b", cidr: "10.244.2.128/25"), Node("c"), Node("d", cidr: "192.168.0.0/24")], Cluster, 24);

        Assert.Equal("10.244.3.0/24", Assert.Single(plan.Assignments).Cidr);
    }

    [Fact]
    public void Plan_Exhausted_SaysWho()
    {
        var plan = PodCidrPlanner.Plan([Node("a"), Node("b"), Node("c")], Ipv4Network.Parse("10.0.0.0/23"), 24);

        Assert.Equal(["a", "b"], plan.Assignments.Select(static a => a.Node.Metadata.Name));
        Assert.Equal("c", Assert.Single(plan.Unserved).Metadata.Name);
    }

    [Fact]
    public void Plan_RandomClusters_NeverOverlap()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var nodes = Enumerable.Range(0, random.Next(1, 40))
                .Select(i => Node("n" + i, cidr: random.Next(2) == 0 ? null : $"10.244.{i * 4}.0/{random.Next(22, 27)}")).ToList();
            var plan = PodCidrPlanner.Plan(nodes, Cluster, 24);
            var all = nodes.Select(static n => n.Spec!.PodCidr).OfType<string>().Concat(plan.Assignments.Select(static a => a.Cidr)).Select(Ipv4Network.Parse).ToList();
            for (var i = 0; i < all.Count; i++)
            {
                Assert.True(Cluster.Overlaps(all[i]));
                for (var j = 0; j < i; j++)
                    Assert.False(all[i].Overlaps(all[j]), $"{all[i]} and {all[j]}");
            }
            Assert.Equal(nodes.Count, all.Count + plan.Unserved.Count);
        }
    }

    [Theory]
    [InlineData("10.244.7.9/16", "10.244.0.0/16")]
    [InlineData("0.0.0.0/0", "0.0.0.0/0")]
    [InlineData("255.255.255.255/32", "255.255.255.255/32")]
    [InlineData("10.0.0.0", null)]
    [InlineData("10.0.0.0/33", null)]
    [InlineData("::/0", null)]
    [InlineData("x/8", null)]
    public void TryParse_Text_IsTheNetworkOrNothing(string text, string? expected) =>
        Assert.Equal(expected, Ipv4Network.TryParse(text, out var network) ? network.ToString() : null);
}
