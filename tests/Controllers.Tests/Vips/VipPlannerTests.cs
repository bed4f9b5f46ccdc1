using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Reporting;
using ControlPlane.Controllers.Vips;

namespace ControlPlane.Controllers.Tests.Vips;

public sealed class VipPlannerTests
{
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
    private static readonly AddressRange Range = AddressRange.TryParse("10.96.0.0/24", out var range) ? range : throw new InvalidOperationException();

    [Fact]
    public void Plan_NewVip_AllocatesAndDescribes()
    {
        var vip = Vip("shop");
        var plan = VipPlanner.Plan(vip, [vip], [Pod("a", ready: true), Pod("b", ready: false), Pod("c", ready: true, terminating: true)], [], Range, Now);
        Assert.True(Range.Contains(plan.Status.Address));
        Assert.Equal("shop.default.vip.cluster.local", plan.Status.Hostname);
        Assert.Equal("80/TCP", plan.Status.PortList);
        Assert.Equal(1, plan.Status.ReadyEndpoints);
        Assert.True(plan.Status.Conditions.IsTrue("Ready"));
        var slice = Assert.Single(plan.Apply);
        Assert.Equal([true, false, false], slice.Endpoints.Select(static endpoint => endpoint.Conditions!.Ready!.Value));
        Assert.True(slice.Endpoints[2].Conditions!.Serving);
        Assert.Equal(8080, slice.Ports[0].Port);
    }

    [Fact]
    public void Plan_OfItsOwnResult_IsEmpty()
    {
        var vip = Vip("shop");
        Pod[] pods = [.. Enumerable.Range(0, 250).Select(i => Pod(i.ToString("000", CultureInfo.InvariantCulture), ready: i % 3 > 0))];
        var plan = VipPlanner.Plan(vip, [vip], pods, [], Range, Now);
        Assert.Equal([100, 100, 50], plan.Apply.Select(static slice => slice.Endpoints.Count));

        var after = vip with { Status = plan.Status };
        var again = VipPlanner.Plan(after, [after], pods.Reverse().ToArray(), plan.Apply, Range, Now.AddHours(1));
        Assert.Empty(again.Apply);
        Assert.Empty(again.Delete);
        Assert.Equal(plan.Status.Address, again.Status.Address);
        Assert.Equal(plan.Status.Conditions, again.Status.Conditions);
    }

    [Fact]
    public void Plan_NoPods_DeletesSlicesAndSaysSo()
    {
        var vip = Vip("shop");
        var first = VipPlanner.Plan(vip, [vip], [Pod("a", ready: true)], [], Range, Now);
        var plan = VipPlanner.Plan(vip with { Status = first.Status }, [vip], [], first.Apply, Range, Now);
        Assert.Single(plan.Delete);
        Assert.Equal("No instance of app web is ready: connections are refused.", plan.Status.Conditions.Find("Ready")!.Message);
    }

    [Fact]
    public void Plan_AddressOfAnOlderVip_IsGivenUp()
    {
        var older = Vip("older") with { Status = new VipStatus { Address = "10.96.0.9" } };
        var younger = Vip("younger") with { Status = new VipStatus { Address = "10.96.0.9" } };
        younger = younger with { Metadata = younger.Metadata with { CreationTimestamp = Now.AddMinutes(1) } };
        Vip[] all = [older, younger];
        Assert.Equal("10.96.0.9", VipPlanner.Plan(older, all, [], [], Range, Now).Status.Address);
        var plan = VipPlanner.Plan(younger, all, [], [], Range, Now);
        Assert.Equal("10.96.0.9", plan.LostAddress);
        Assert.NotEqual("10.96.0.9", plan.Status.Address);
    }

    [Fact]
    public void Allocate_UntilTheRangeIsFull_GivesEachAddressOnce()
    {
        var taken = new HashSet<string>();
        for (var i = 0; i < Range.Count; i++)
            Assert.True(taken.Add(Range.Allocate($"default/vip-{i}", taken)!));
        Assert.Null(Range.Allocate("default/one-too-many", taken));
        Assert.DoesNotContain("10.96.0.0", taken);
        Assert.DoesNotContain("10.96.0.1", taken);
        Assert.DoesNotContain("10.96.0.255", taken);
    }

    [Fact]
    public void Plan_NamedPortOnDifferentNumbers_MakesASliceForEach()
    {
        var vip = Vip("shop");
        var plan = VipPlanner.Plan(vip, [vip], [Pod("a", ready: true), Pod("b", ready: true, port: 9090)], [], Range, Now);
        Assert.Equal([8080, 9090], plan.Apply.Select(static slice => slice.Ports[0].Port!.Value).Order());
    }

    private static Vip Vip(string name) => new()
    {
        Metadata = new ObjectMeta { Name = name, Namespace = "default", Uid = "uid-" + name, Generation = 1, CreationTimestamp = Now },
        Spec = new VipSpec { App = "web", Ports = [new VipPort { Port = 80, TargetPort = "http" }] },
    };

    private static Pod Pod(string name, bool ready, bool terminating = false, int port = 8080) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = "default",
            Uid = "uid-" + name,
            Labels = new Dictionary<string, string> { [WellKnownLabels.App] = "web" },
            DeletionTimestamp = terminating ? Now : null,
        },
        Spec = new PodSpec { NodeName = "n", Containers = [new Container { Name = "c", Ports = [new ContainerPort { Name = "http", ContainerPortNumber = port }] }] },
        Status = new PodStatus { Phase = "Running", PodIp = "10.97.0.2", Conditions = [new PodCondition { Type = "Ready", Status = ready ? "True" : "False" }] },
    };
}
