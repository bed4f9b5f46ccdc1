using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Nodes;
using static ControlPlane.Controllers.Tests.Nodes.NodeFactory;

namespace ControlPlane.Controllers.Tests.Nodes;

public sealed class EvictionPlannerTests
{
    private static readonly DateTimeOffset Now = ManualTime.Start;
    private static readonly Dictionary<string, Node> Nodes = new()
    {
        ["lost"] = Node("lost", "Unknown", null, Unreachable(Now)),
        ["well"] = Node("well"),
        ["drained"] = Node("drained", "True", null, new Taint { Key = "maintenance", Value = "yes", Effect = "NoExecute", TimeAdded = Now }),
    };

    private static readonly NodeHealthPlan Health = new(new HashSet<string> { "lost" }, false, []);

    [Fact]
    public void Plan_NoToleration_LeavesAtOnce()
    {
        Assert.Equal([("a", false), ("c", false)], Plan(Now, Pod("a", "lost"), Pod("b", "well"), Pod("c", "drained")));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(5, true)]
    [InlineData(6, false)]
    [InlineData(null, false)]
    public void Plan_TolerationSeconds_StaysSoLong(int? seconds, bool leaves)
    {
        var pod = Pod("a", "lost", new Toleration { Key = NodeTaints.Unreachable, Operator = "Exists", Effect = "NoExecute", TolerationSeconds = seconds });

        Assert.Equal(leaves, Plan(Now.AddSeconds(5), pod).Count == 1);
    }

    [Theory]
    [InlineData("maintenance", "Equal", "yes", false)]
    [InlineData("maintenance", null, "yes", false)]
    [InlineData("maintenance", "Equal", "no", true)]
    [InlineData(null, "Exists", null, false)]
    [InlineData("other", "Exists", null, true)]
    public void Plan_Tolerations_MatchAsInKubernetes(string? key, string? @operator, string? value, bool leaves)
    {
        var pod = Pod("a", "drained", new Toleration { Key = key, Operator = @operator, Value = value });

        Assert.Equal(leaves, Plan(Now, pod).Count == 1);
    }

    [Fact]
    public void Plan_MarkedOnALostNode_IsForcedAfterItsGrace()
    {
        var marked = Pod("a", "lost") with { Metadata = new ObjectMeta { Name = "a", Namespace = "ns", Uid = "u", DeletionTimestamp = Now.AddSeconds(30) } };

        Assert.Empty(Plan(Now.AddSeconds(29), marked));
        Assert.Equal([("a", true)], Plan(Now.AddSeconds(30), marked));
    }

    [Fact]
    public void Plan_MarkedOnALivingNode_IsLeftToItsAgent()
    {
        var marked = Pod("a", "drained") with { Metadata = new ObjectMeta { Name = "a", Namespace = "ns", Uid = "u", DeletionTimestamp = Now } };

        Assert.Empty(Plan(Now.AddHours(1), marked));
    }

    [Fact]
    public void Plan_Finished_Stays() => Assert.Empty(Plan(Now, Pod("a", "lost") with { Status = new PodStatus { Phase = "Succeeded" } }));

    [Fact]
    public void Plan_BreakerOpen_TouchesNoPodOfALostNode()
    {
        var open = Health with { IsBreakerOpen = true };
        var marked = Pod("b", "lost") with { Metadata = new ObjectMeta { Name = "b", Namespace = "ns", Uid = "u", DeletionTimestamp = Now } };

        Assert.Empty(EvictionPlanner.Plan([Pod("a", "lost"), marked], Nodes, open, Now.AddHours(1)));
    }

    [Fact]
    public void Plan_BackButStillTainted_Stays()
    {
        var nodes = new Dictionary<string, Node> { ["back"] = Node("back", "Unknown", null, Unreachable(Now)) };

        Assert.Empty(EvictionPlanner.Plan([Pod("a", "back")], nodes, Health, Now.AddHours(1)));
    }

    private static List<(string, bool)> Plan(DateTimeOffset now, params Pod[] pods) =>
        [.. EvictionPlanner.Plan(pods, Nodes, Health, now).Select(static e => (e.Pod.Metadata.Name!, e.IsForced))];
}
