using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.GarbageCollection;

namespace ControlPlane.Controllers.Tests.GarbageCollection;

public sealed class DependentPlannerTests
{
    [Fact]
    public void Plan_AllGone_DeletesInTheBackground()
    {
        var plan = Plan([], false, OwnerState.Absent, OwnerState.Absent);

        Assert.Equal((DependentAction.Delete, "Background"), (plan.Action, plan.Propagation));
    }

    [Fact]
    public void Plan_OneAlive_DropsTheOthers()
    {
        var plan = Plan([], false, OwnerState.Alive, OwnerState.Absent, OwnerState.WaitsForDependents);

        Assert.Equal(DependentAction.DropOwners, plan.Action);
        Assert.Equal(["u1", "u2"], plan.Leaving.Order());
    }

    [Theory]
    [InlineData(true, "Foreground")]
    [InlineData(false, "Background")]
    public void Plan_OwnerWaits_GoesDownTheTree(bool hasDependents, string propagation) =>
        Assert.Equal(propagation, Plan([], hasDependents, OwnerState.WaitsForDependents).Propagation);

    [Fact]
    public void Plan_OrphanFinalizer_IsHonoured() => Assert.Equal("Orphan", Plan(["orphan"], true, OwnerState.WaitsForDependents).Propagation);

    // The one thing that must never happen: deleting what a living (or unknowable) owner holds.
    [Fact]
    public void Plan_EveryCombination_NeverDeletesWhatIsHeld()
    {
        var states = Enum.GetValues<OwnerState>();
        var combinations = from a in states from b in states from c in states from count in Enumerable.Range(0, 4) select new[] { a, b, c }.Take(count).ToArray();
        foreach (var owners in combinations)
        {
            var plan = Plan([], true, owners);
            var isHeld = owners.Length == 0 || owners.Any(static o => o is OwnerState.Alive or OwnerState.Unknown);
            Assert.Equal(!isHeld, plan.Action == DependentAction.Delete);
            if (plan.Action == DependentAction.DropOwners)
                Assert.All(plan.Leaving, uid => Assert.NotEqual(OwnerState.Alive, owners[int.Parse(uid[1..])]));
        }
    }

    [Fact]
    public void Plan_AlreadyDeleting_IsLeftAlone()
    {
        var item = Item([]) with { Metadata = new ObjectMeta { DeletionTimestamp = ManualTime.Start } };

        Assert.Equal(DependentAction.None, DependentPlanner.Plan(item, [Finding(0, OwnerState.Absent)], false).Action);
    }

    [Fact]
    public void AbsentOwners_Full_ForgetsTheOldest()
    {
        var absent = new AbsentOwners(2);
        var all = Enumerable.Range(0, 3).Select(static i => new Absence("apps", "ns", "a", "u" + i)).ToList();
        all.ForEach(absent.Add);

        Assert.Equal([false, true, true], all.Select(absent.Contains));
        Assert.False(absent.Contains(all[2] with { Namespace = "other" }));
    }

    private static DependentPlan Plan(string[] finalizers, bool hasDependents, params OwnerState[] owners) =>
        DependentPlanner.Plan(Item(finalizers), [.. owners.Select(static (state, i) => Finding(i, state))], hasDependents);

    private static ObservedObject Item(string[] finalizers) => new(ResourceInfo.Of<Pod>(), new ObjectMeta { Name = "x", Namespace = "ns", Uid = "x", Finalizers = finalizers });

    private static OwnerFinding Finding(int index, OwnerState state) =>
        new(new OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "o" + index, Uid = "u" + index }, state);
}
