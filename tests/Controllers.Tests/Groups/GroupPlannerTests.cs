using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Groups;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Tests.Groups;

public sealed class GroupPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly HashSet<string> NoPods = [];

    [Fact]
    public void Plan_NewGroup_AppliesItsAppsWithFullNames()
    {
        var shop = Group("shop", Entry("web", "api"), Entry("api", "db"), Entry("db"));
        var plan = Plan(shop, [], [shop]);
        Assert.Equal(["shop-db", "shop-api", "shop-web"], plan.Apply.Select(static app => app.Metadata.Name));
        Assert.Equal(["shop-api"], plan.Apply[2].Spec.Dependencies);
        Assert.Equal("shop", plan.Apply[0].Metadata.Labels[WellKnownLabels.Group]);
        Assert.Equal("shop-uid", Assert.Single(plan.Apply[0].Metadata.OwnerReferences).Uid);
        Assert.Equal("0/3", plan.Status.ReadyOfTotal);
    }

    [Fact]
    public void Plan_OfItsOwnResult_IsEmpty()
    {
        var shop = Group("shop", Entry("web", "db"), Entry("db"));
        var first = Plan(shop, [], [shop]);
        var again = Plan(shop with { Status = first.Status }, first.Apply, [shop], at: Now.AddHours(1));
        Assert.Empty(again.Apply);
        Assert.Empty(again.Prune);
        Assert.Equal(first.Status.Conditions, again.Status.Conditions);
    }

    [Fact]
    public void Plan_InstancesLeftAlone_StayAsScaled()
    {
        var shop = Group("shop", Entry("web"));
        var app = Assert.Single(Plan(shop, [], [shop]).Apply);
        Assert.Null(app.Spec.Instances);
        Assert.Empty(Plan(shop, [app with { Spec = app.Spec with { Instances = 7 } }], [shop]).Apply);
    }

    [Fact]
    public void Plan_InstancesGivenByTheGroup_AreGivenAgainOnlyWhenItsNumberChanges()
    {
        var atTwo = Group("shop", Entry("web") with { Instances = 2 });
        var owned = Assert.Single(Plan(atTwo, [], [atTwo]).Apply);
        Assert.Equal(2, owned.Spec.Instances);
        var scaled = owned with { Spec = owned.Spec with { Instances = 7 } };
        Assert.Empty(Plan(atTwo, [scaled], [atTwo]).Apply);

        var otherImage = Group("shop", Entry("web") with { Instances = 2, Image = "other" });
        Assert.Equal(7, Assert.Single(Plan(otherImage, [scaled], [otherImage]).Apply).Spec.Instances);
        var atThree = Group("shop", Entry("web") with { Instances = 3 });
        Assert.Equal(3, Assert.Single(Plan(atThree, [scaled], [atThree]).Apply).Spec.Instances);
    }

    [Fact]
    public void Plan_FieldTakenAway_IsAppliedAgain()
    {
        var before = Group("shop", Entry("web") with { Env = new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" } });
        var present = Plan(before, [], [before]).Apply;
        var after = Group("shop", Entry("web") with { Env = new Dictionary<string, string> { ["A"] = "1" } });
        Assert.Single(Plan(after, present, [after]).Apply);
    }

    [Fact]
    public void Plan_EntryTakenAway_PrunesItsApp()
    {
        var before = Group("shop", Entry("web"), Entry("db"));
        var present = Plan(before, [], [before]).Apply;
        var after = Group("shop", Entry("web"));
        Assert.Equal("shop-db", Assert.Single(Plan(after, present, [after]).Prune).Metadata.Name);
    }

    [Fact]
    public void Plan_AppOfSomebodyElse_IsLeftAloneAndNamed()
    {
        var shop = Group("shop", Entry("web"), Entry("db"));
        var foreign = new App { Metadata = new ObjectMeta { Name = "shop-web", Namespace = "default", Uid = "other" }, Spec = new AppSpec { Image = "theirs" } };
        var plan = GroupPlanner.Plan(shop, [], new GroupGraph([shop]), name => name == "shop-web" ? foreign : null, Now);
        Assert.Equal("shop-db", Assert.Single(plan.Apply).Metadata.Name);
        Assert.Equal("NameConflict", plan.Status.Conditions.Find("Ready")!.Reason);
        Assert.Contains("shop-web", plan.Status.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Plan_GroupDependencies_ReachPartsOnBothSides()
    {
        var data = Group("data", Entry("db"));
        var cache = Group("cache", Entry("redis")) with { Spec = new GroupSpec { Parent = "data", Apps = [Entry("redis")] } };
        var shop = Group("shop") with { Spec = new GroupSpec { Dependencies = ["data"] } };
        var front = Group("front") with { Spec = new GroupSpec { Parent = "shop", Apps = [Entry("web")] } };
        var app = Assert.Single(Plan(front, [], [data, cache, shop, front]).Apply);
        Assert.Equal(["cache-redis", "data-db"], app.Spec.Dependencies.Order());
    }

    [Fact]
    public void Plan_CyclesAndMissingGroups_TouchNothing()
    {
        var inner = Group("shop", Entry("a", "b"), Entry("b", "a"));
        Assert.Equal("DependencyCycle", Reason(Plan(inner, [], [inner])));

        var one = Group("one", Entry("a")) with { Spec = new GroupSpec { Dependencies = ["two"], Apps = [Entry("a")] } };
        var two = Group("two", Entry("b")) with { Spec = new GroupSpec { Dependencies = ["one"], Apps = [Entry("b")] } };
        var plan = Plan(one, [], [one, two]);
        Assert.Equal("DependencyCycle", Reason(plan));
        Assert.Empty(plan.Apply);
        Assert.Equal("DependencyMissing", Reason(Plan(one, [], [one])));
    }

    [Fact]
    public void PlanStop_LayerByLayer_WaitsForPods()
    {
        var shop = Group("shop", Entry("web", "api"), Entry("api", "db"), Entry("db"));
        var apps = Plan(shop, [], [shop]).Apply.ToList();
        var order = new List<string>();
        while (true)
        {
            var step = GroupPlanner.PlanStop(shop, apps, new GroupGraph([shop]), NoPods);
            if (step.IsDone)
                break;
            var app = Assert.Single(step.DeleteApps);
            order.Add(app.Metadata.Name!);
            apps.Remove(app);
            // Its object is gone, its pods are not: the next layer stays.
            var waiting = GroupPlanner.PlanStop(shop, apps, new GroupGraph([shop]), new HashSet<string> { app.Metadata.Name! });
            Assert.Empty(waiting.DeleteApps);
            Assert.False(waiting.IsDone);
        }

        Assert.Equal(["shop-web", "shop-api", "shop-db"], order);
    }

    [Fact]
    public void PlanStop_Parts_GoFirstAndInOrder()
    {
        var shop = Group("shop", Entry("web"));
        var data = Group("data") with { Spec = new GroupSpec { Parent = "shop" } };
        var front = Group("front") with { Spec = new GroupSpec { Parent = "shop", Dependencies = ["data"] } };
        var step = GroupPlanner.PlanStop(shop, [], new GroupGraph([shop, data, front]), NoPods);
        Assert.Equal("front", Assert.Single(step.DeleteGroups).Metadata.Name);
        step = GroupPlanner.PlanStop(shop, [], new GroupGraph([shop, data]), NoPods);
        Assert.Equal("data", Assert.Single(step.DeleteGroups).Metadata.Name);
    }

    [Fact]
    public void PlanStop_GroupsThatContainEachOther_StillEnd()
    {
        var one = Group("one") with { Spec = new GroupSpec { Parent = "two" } };
        var two = Group("two") with { Spec = new GroupSpec { Parent = "one" } };
        Assert.True(GroupPlanner.PlanStop(one, [], new GroupGraph([one, two]), NoPods).IsDone);
    }

    private static string? Reason(GroupPlan plan) => plan.Status.Conditions.Find("Ready")!.Reason;

    private static GroupPlan Plan(Group group, IReadOnlyList<App> owned, IEnumerable<Group> groups, DateTimeOffset? at = null) =>
        GroupPlanner.Plan(group, owned, new GroupGraph(groups), name => owned.FirstOrDefault(app => app.Metadata.Name == name), at ?? Now);

    private static GroupApp Entry(string name, params string[] dependencies) => new() { Name = name, Image = "busybox", Dependencies = dependencies };

    private static Group Group(string name, params GroupApp[] apps) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = name + "-uid", Generation = 1 },
        Spec = new GroupSpec { Apps = apps },
    };
}
