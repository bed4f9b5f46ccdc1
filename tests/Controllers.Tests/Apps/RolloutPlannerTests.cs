using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Tests.Apps;

public sealed class RolloutPlannerTests
{
    private static AppSpec Spec(int instances, double minimum = 1, double over = 1) => new()
    {
        Image = "shop/web:1",
        Instances = instances,
        UpgradeStrategy = new UpgradeStrategy { MinimumHealthCapacity = minimum, MaximumOverCapacity = over },
    };

    // Columns: instances, minimum, over, healthy and all old instances; then how many ready ones end at once, and how many exist after the launches.
    [Theory]
    [InlineData(10, 1, 1, 10, 10, 0, 20)]
    [InlineData(10, 1, 0, 10, 10, 0, 11)]
    [InlineData(10, 0.5, 0, 10, 10, 5, 10)]
    [InlineData(10, 0.5, 0.5, 10, 10, 5, 15)]
    [InlineData(10, 0, 0, 10, 10, 10, 10)]
    [InlineData(1, 1, 0, 1, 1, 0, 2)]
    [InlineData(10, 0.8, 0, 6, 10, 0, 10)]
    [InlineData(3, 0.7, 0, 3, 3, 0, 4)]
    [InlineData(3, 0.7, 0.2, 3, 3, 0, 4)]
    [InlineData(4, 0.9, 0.2, 4, 4, 0, 5)]
    [InlineData(10, 0.9, 0.2, 10, 10, 1, 12)]
    [InlineData(5, 0.5, 0.1, 5, 5, 2, 5)]
    [InlineData(1, 0, 0, 1, 1, 1, 1)]
    [InlineData(2, 1, 1, 10, 10, 8, 4)]
    [InlineData(5, 1, 0.2, 10, 10, 5, 6)]
    public void Plan_FirstStepOfUpgrade_StaysWithinTheBudget(int instances, double minimum, double over, int healthy, int total, int stopsReady, int capacity)
    {
        var fleet = new Fleet(Spec(instances, minimum, over));
        fleet.Add("old", ready: true, healthy);
        fleet.Add("old", ready: false, total - healthy);

        var step = fleet.Plan("new");
        Assert.Equal(stopsReady, step.Stop.Count(i => i.Ready));

        // What ends still takes its place until it is gone; then the rest starts.
        fleet.Take(step, "new");
        Assert.True(fleet.Instances.Count <= Math.Max(capacity, total));
        fleet.Instances.RemoveAll(i => i.Ending);
        fleet.Take(fleet.Plan("new"), "new");
        Assert.Equal(Math.Min(capacity, fleet.Alive.Count(i => i.Revision == "old") + instances), fleet.Alive.Count());
    }

    [Theory]
    [InlineData(100, 0.07, 7)]
    [InlineData(10, 0.7, 7)]
    [InlineData(3, 0.34, 2)]
    public void Budget_FractionsWithoutABinaryForm_RoundAsWritten(int instances, double minimum, int expected) =>
        Assert.Equal(expected, ControlPlane.Controllers.Apps.Rollout.UpgradeBudget.For(instances, new UpgradeStrategy { MinimumHealthCapacity = minimum }, 0).MinHealthy);

    [Fact]
    public void Plan_OfItsOwnResult_IsEmpty()
    {
        foreach (var seed in Enumerable.Range(0, 500))
        {
            var fleet = Arbitrary(seed);
            fleet.Take(fleet.Plan("new"), "new");
            var again = fleet.Plan("new");
            Assert.True(again is { Stop.Count: 0, Replace.Count: 0, Forget.Count: 0, Launch: 0 }, $"seed {seed}: {again}");
        }
    }

    [Fact]
    public void Plan_UntilDone_NeverLeavesTheBudgetAndAlwaysEnds()
    {
        foreach (var seed in Enumerable.Range(0, 300))
        {
            var random = new Random(seed);
            var fleet = Arbitrary(seed);
            var desired = fleet.Spec.Instances!.Value;
            var minimum = (int)decimal.Ceiling(desired * (decimal)fleet.Spec.UpgradeStrategy!.MinimumHealthCapacity!.Value);
            for (var pass = 0; pass < 2000 && !Done(fleet, desired); pass++)
            {
                var before = fleet.Alive.Count(i => i.Ready);
                var step = fleet.Plan("new");
                var after = before - step.Stop.Count(i => i.Ready);
                Assert.True(after >= Math.Min(before, minimum), $"seed {seed}: {before} ready, {after} after the step, at least {minimum} wanted");
                fleet.Take(step, "new");
                fleet.Instances.RemoveAll(i => i.Ending && random.Next(2) == 0);
                foreach (var starting in fleet.Alive.Where(i => !i.Ready && i.Revision == "new" && random.Next(2) == 0).ToList())
                    fleet.Become(starting, ready: true);
                fleet.Now = fleet.Now.AddSeconds(1);
            }

            Assert.True(Done(fleet, desired), $"seed {seed}: the rollout stands still");
        }
    }

    [Fact]
    public void Plan_NewRevisionNeverReady_KeepsTheOldOnes()
    {
        var fleet = new Fleet(Spec(10, 1, 0.2));
        fleet.Add("old", ready: true, 10);
        for (var pass = 0; pass < 20; pass++)
            fleet.Take(fleet.Plan("new"), "new");
        Assert.Equal(10, fleet.Alive.Count(i => i.Ready));
        Assert.Equal(2, fleet.Alive.Count(i => i.Revision == "new"));
    }

    [Fact]
    public void Plan_RollbackOfOneReplacedInstance_RestartsExactlyOne()
    {
        var fleet = new Fleet(Spec(10, 0.9, 0));
        fleet.Add("one", ready: true, 9);
        fleet.Add("two", ready: false, 1);

        var step = fleet.Plan("one");
        Assert.Equal("two", Assert.Single(step.Stop).Revision);
        fleet.Take(step, "one");
        fleet.Instances.RemoveAll(i => i.Ending);
        Assert.Equal(1, fleet.Plan("one").Launch);
    }

    [Fact]
    public void Plan_DeadInstance_IsReplacedAfterItsDelayAndCounted()
    {
        var fleet = new Fleet(Spec(2) with { BackoffSeconds = 20 });
        fleet.Add("new", ready: true);
        fleet.Fail(fleet.Add("new", ready: false));

        fleet.Now = Fleet.Start.AddSeconds(29);
        var early = fleet.Plan("new");
        Assert.Empty(early.Replace);
        Assert.Equal(0, early.Launch);
        Assert.Equal(Fleet.Start.AddSeconds(30), early.NextAt);

        fleet.Now = Fleet.Start.AddSeconds(30);
        Assert.Single(fleet.Plan("new").Replace);
    }

    [Fact]
    public void Plan_ScaleDown_UnreadyFirstThenYoungest()
    {
        var fleet = new Fleet(Spec(2));
        fleet.Add("new", ready: true, 3);
        var sick = fleet.Add("new", ready: false);
        fleet.Add("new", ready: true);
        Assert.Equal([sick.Name, "web-new-4", "web-new-2"], fleet.Plan("new").Stop.Select(i => i.Name));

        fleet.Spec = fleet.Spec with { KillSelection = "OLDEST_FIRST" };
        Assert.Equal([sick.Name, "web-new-0", "web-new-1"], fleet.Plan("new").Stop.Select(i => i.Name));
    }

    [Fact]
    public void Plan_ScaleDownWithGroupBy_TakesFromTheFullestGroup()
    {
        var fleet = new Fleet(Spec(6) with { Constraints = [new PlacementConstraint { Field = "rack", Operator = "GROUP_BY", Value = "3" }] });
        foreach (var rack in new[] { 1, 1, 1, 2, 2, 2, 3 })
            fleet.Add("new", ready: true, node: "rack-" + rack);
        var stopped = Assert.Single(fleet.Plan("new").Stop);
        Assert.NotEqual("rack-3", stopped.Node);
    }

    private static bool Done(Fleet fleet, int desired) =>
        fleet.Instances.All(i => i.Revision == "new" && i.Alive) && fleet.Instances.Count == desired && fleet.Instances.All(i => i.Ready);

    private static Fleet Arbitrary(int seed)
    {
        var random = new Random(seed);
        var fleet = new Fleet(Spec(random.Next(1, 13), random.Next(0, 11) / 10.0, random.Next(0, 11) / 10.0) with { BackoffSeconds = 0 });
        foreach (var _ in Enumerable.Range(0, random.Next(0, 15)))
        {
            var made = fleet.Add(random.Next(3) == 0 ? "new" : "old", ready: random.Next(4) > 0);
            if (random.Next(8) == 0)
                fleet.Fail(made);
        }

        return fleet;
    }
}
