using ControlPlane.Api.Core.V1;
using ControlPlane.Controllers.Scheduling;

namespace ControlPlane.Controllers.Tests.Scheduling;

public sealed class SchedulingPlannerTests
{
    [Fact]
    public void Plan_InstancesOfOneApp_SpreadOverTheNodes()
    {
        Node[] nodes = [Cluster.Node("a"), Cluster.Node("b"), Cluster.Node("c")];
        Pod[] pods = [.. Enumerable.Range(0, 6).Select(static i => Cluster.Pod($"web-{i}", app: "web"))];
        var plan = SchedulingPlanner.Plan(nodes, pods, static _ => 6);
        Assert.Equal([2, 2, 2], plan.Bindings.GroupBy(static binding => binding.Node).Select(static group => group.Count()));
    }

    [Fact]
    public void Plan_NothingFits_SaysWhyForEveryNode()
    {
        var cordoned = Cluster.Node("d") with { Spec = new NodeSpec { Unschedulable = true } };
        var tainted = Cluster.Node("e") with { Spec = new NodeSpec { Taints = [new Taint { Key = "gpu", Effect = "NoSchedule" }] } };
        Node[] nodes = [Cluster.Node("a", cpu: "500m"), Cluster.Node("b", cpu: "500m"), Cluster.Node("c", memory: "64Mi"), cordoned, tainted];
        var plan = SchedulingPlanner.Plan(nodes, [Cluster.Pod("p")], static _ => null);
        Assert.Equal("0/5 nodes fit: 2 insufficient cpu, 1 cordoned, 1 insufficient memory, 1 taint gpu", Assert.Single(plan.Unschedulable).Reason);
    }

    [Fact]
    public void Plan_UniqueOverFourNodes_LeavesTheFifthInstanceWaiting()
    {
        Node[] nodes = [.. Enumerable.Range(0, 4).Select(static i => Cluster.Node($"n{i}"))];
        Pod[] pods = [.. Enumerable.Range(0, 5).Select(static i => Cluster.Pod($"p{i}", app: "web", constraints: Cluster.Constraint("@hostname", "UNIQUE")))];
        var plan = SchedulingPlanner.Plan(nodes, pods, static _ => 5);
        Assert.Equal(4, plan.Bindings.Select(static binding => binding.Node).Distinct().Count());
        Assert.Equal("0/4 nodes fit: 4 constraint @hostname UNIQUE", Assert.Single(plan.Unschedulable).Reason);
    }

    [Fact]
    public void Plan_GroupByRack_SpreadsEvenly()
    {
        Node[] nodes = [.. Enumerable.Range(0, 6).Select(static i => Cluster.Node($"n{i}", labels: ("rack", (i % 3).Text())))];
        Pod[] pods = [.. Enumerable.Range(0, 9).Select(static i => Cluster.Pod($"p{i}", cpu: "100m", app: "web", constraints: Cluster.Constraint("rack", "GROUP_BY")))];
        var plan = SchedulingPlanner.Plan(nodes, pods, static _ => 9);
        var racks = plan.Bindings.GroupBy(binding => nodes.Single(node => node.Metadata.Name == binding.Node).Metadata.Labels["rack"]);
        Assert.Equal([3, 3, 3], racks.Select(static rack => rack.Count()));
    }

    [Fact]
    public void Plan_HostPort_GoesToANodeWhereItIsFree()
    {
        static Pod WithPort(string name, string? node)
        {
            var pod = Cluster.Pod(name, node: node);
            return pod with { Spec = pod.Spec! with { Containers = [pod.Spec.Containers[0] with { Ports = [new ContainerPort { ContainerPortNumber = 80, HostPort = 8080 }] }] } };
        }

        Node[] nodes = [Cluster.Node("a"), Cluster.Node("b")];
        var plan = SchedulingPlanner.Plan(nodes, [WithPort("old", "a"), WithPort("new", null), WithPort("one-too-many", null)], static _ => null);
        Assert.Equal("b", Assert.Single(plan.Bindings).Node);
        Assert.Equal("0/2 nodes fit: 2 host port 8080 taken", Assert.Single(plan.Unschedulable).Reason);
    }

    [Fact]
    public void Plan_UnreadableConstraint_FailsClosed()
    {
        var pod = Cluster.Pod("p", app: "web");
        pod = pod with { Metadata = pod.Metadata with { Annotations = new Dictionary<string, string> { ["controlplane.dev/constraints"] = "{not json" } } };
        Assert.Empty(SchedulingPlanner.Plan([Cluster.Node("a")], [pod], static _ => 1).Bindings);
    }

    /// <summary>Whatever comes, no node gets more than it has, and every pod is either placed or explained.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Plan_RandomClusters_NeverOverbook(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 50; round++)
        {
            Node[] nodes = [.. Enumerable.Range(0, random.Next(0, 8)).Select(i => Cluster.Node($"n{i}", cpu: random.Next(1, 5).Text(), memory: $"{random.Next(64, 2048)}Mi", pods: random.Next(1, 10).Text()))];
            Pod[] pods = [.. Enumerable.Range(0, random.Next(0, 40)).Select(i => Cluster.Pod($"p{i}", cpu: $"{random.Next(0, 1500)}m", memory: $"{random.Next(0, 512)}Mi", app: "app" + random.Next(3).Text()))];
            var plan = SchedulingPlanner.Plan(nodes, pods, static _ => 5);
            Assert.Equal(pods.Length, plan.Bindings.Count + plan.Unschedulable.Count);
            foreach (var node in nodes)
            {
                var placed = plan.Bindings.Where(binding => binding.Node == node.Metadata.Name).Select(static binding => PodDemand.Of(binding.Pod)).ToArray();
                Assert.True(placed.Sum(static demand => demand.Cpu) <= node.Status!.Allocatable["cpu"].Milli);
                Assert.True(placed.Sum(static demand => demand.Memory) <= node.Status.Allocatable["memory"].Units);
                Assert.True(placed.Length <= node.Status.Allocatable["pods"].Units);
            }

            // What was left out really fits nowhere: placing it alone after the others fails too.
            var bound = plan.Bindings.Select(static binding => binding.Pod with { Spec = binding.Pod.Spec! with { NodeName = binding.Node } }).ToArray();
            foreach (var waiting in plan.Unschedulable)
                Assert.Empty(SchedulingPlanner.Plan(nodes, [.. bound, waiting.Pod], static _ => 5).Bindings);
        }
    }
}
