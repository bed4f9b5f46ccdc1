using ControlPlane.Api.Core.V1;
using ControlPlane.Controllers.Nodes;
using static ControlPlane.Controllers.Tests.Nodes.NodeFactory;

namespace ControlPlane.Controllers.Tests.Nodes;

public sealed class NodeHealthPlannerTests
{
    private static readonly DateTimeOffset Now = ManualTime.Start;
    private static readonly NodesOptions Options = new();

    [Fact]
    public void Plan_AllWell_ChangesNothing()
    {
        var plan = NodeHealthPlanner.Plan([Node("a").Seen(11), Node("b").Seen()], Options, Now);

        Assert.Empty(plan.Lost);
        Assert.Empty(plan.Changes);
    }

    [Fact]
    public void Plan_OneOfThreeSilent_MarksAndTaintsIt()
    {
        var plan = NodeHealthPlanner.Plan([Node("a").Seen(12), Node("b").Seen(), Node("c").Seen()], Options, Now);

        var change = Assert.Single(plan.Changes);
        Assert.Equal("a", change.Node.Metadata.Name);
        Assert.Equal(("Unknown", "NodeStatusUnknown"), (change.Ready!.Status, change.Ready.Reason));
        Assert.Equal([(NodeTaints.Unreachable, "NoSchedule", Now), (NodeTaints.Unreachable, "NoExecute", Now)], change.Taints!.Select(static t => (t.Key, t.Effect, t.TimeAdded!.Value)));
    }

    [Fact]
    public void Plan_MostSilent_MarksButDoesNotEvict()
    {
        var plan = NodeHealthPlanner.Plan([Node("a").Seen(60), Node("b").Seen(60), Node("c").Seen()], Options, Now);

        Assert.True(plan.IsBreakerOpen);
        Assert.All(plan.Changes, static c => Assert.Equal("Unknown", c.Ready!.Status));
        Assert.All(plan.Changes, static c => Assert.DoesNotContain(c.Taints!, static t => t.Effect == NodeTaints.NoExecute));
    }

    [Fact]
    public void Plan_HeardOfAgain_RemovesOurTaintsOnly()
    {
        var mine = new Taint { Key = "dedicated", Effect = "NoSchedule" };
        var plan = NodeHealthPlanner.Plan([Node("a", "True", null, mine, Unreachable(Now)).Seen(), Node("b").Seen()], Options, Now);

        Assert.Equal([mine], Assert.Single(plan.Changes).Taints);
    }

    [Fact]
    public void Plan_NotReady_LetsPodsStayForAWhile()
    {
        var fresh = NodeHealthPlanner.Plan([Node("a", "False").Seen(0, 59), Node("b").Seen()], Options, Now);
        var old = NodeHealthPlanner.Plan([Node("a", "False").Seen(0, 60), Node("b").Seen()], Options, Now);

        Assert.Equal(["NoSchedule"], Assert.Single(fresh.Changes).Taints!.Select(static t => t.Effect));
        Assert.Equal(["NoSchedule", "NoExecute"], Assert.Single(old.Changes).Taints!.Select(static t => t.Effect));
    }

    [Fact]
    public void Plan_StillLost_KeepsTheTaintsAndTheirTime()
    {
        Taint[] taints = [new() { Key = NodeTaints.Unreachable, Effect = "NoSchedule", TimeAdded = Now }, Unreachable(Now)];

        Assert.Empty(NodeHealthPlanner.Plan([Node("a", "Unknown", null, taints).Seen(100), Node("b").Seen(), Node("c").Seen()], Options, Now.AddHours(1)).Changes);
    }

    [Fact]
    public void Plan_DeclaredLostByAnEarlierLeader_KeepsTaintsAndTimes()
    {
        var node = Node("a", "Unknown", null, new Taint { Key = NodeTaints.Unreachable, Effect = "NoSchedule", TimeAdded = Now }, Unreachable(Now));

        Assert.Empty(NodeHealthPlanner.Plan([node.Seen(0), Node("b").Seen(), Node("c").Seen()], Options, Now.AddHours(1)).Changes);
    }

    // Whatever the cluster looks like: planning its own result is quiet, and an open breaker adds no reason to leave.
    [Fact]
    public void Plan_RandomClusters_IsStableAndObeysTheBreaker()
    {
        var random = new Random(7);
        for (var round = 0; round < 2000; round++)
        {
            var nodes = Enumerable.Range(0, random.Next(1, 8)).Select(i => RandomNode(random, i)).ToList();
            var plan = NodeHealthPlanner.Plan(nodes, Options, Now);
            Assert.Equal(plan.Lost.Count > 0.55 * nodes.Count, plan.IsBreakerOpen);
            foreach (var change in plan.Changes.Where(c => plan.IsBreakerOpen && c.Taints is not null))
            {
                Assert.DoesNotContain(
                    change.Taints!.Where(static t => t is { Key: NodeTaints.Unreachable, Effect: NodeTaints.NoExecute }),
                    t => !change.Node.Spec!.Taints.Contains(t));
            }

            var after = nodes.Select(n => n with { Node = Written(n.Node, plan) }).ToList();
            Assert.Empty(NodeHealthPlanner.Plan(after, Options, Now.AddSeconds(1)).Changes);
        }
    }

    private static NodeObservation RandomNode(Random random, int index)
    {
        string?[] states = ["True", "False", "Unknown", null];
        var taints = new List<Taint> { new() { Key = "other", Effect = "NoSchedule" } };
        if (random.Next(3) == 0)
            taints.Add(Unreachable(Now));
        if (random.Next(3) == 0)
            taints.Add(new Taint { Key = NodeTaints.NotReady, Effect = "NoSchedule" });
        return Node("n" + index, states[random.Next(4)], null, [.. taints]).Seen(random.Next(25), random.Next(120));
    }

    private static Node Written(Node node, NodeHealthPlan plan)
    {
        if (plan.Changes.FirstOrDefault(c => c.Node == node) is not { } change)
            return node;
        var status = change.Ready is { } ready ? node.Status! with { Conditions = [ready] } : node.Status;
        return node with { Spec = node.Spec! with { Taints = change.Taints ?? node.Spec.Taints }, Status = status };
    }
}
