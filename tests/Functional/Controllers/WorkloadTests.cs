using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Discovery.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Values;
using ControlPlane.Controllers;
using ControlPlane.Controllers.Apps;
using ControlPlane.Controllers.GarbageCollection;
using ControlPlane.Controllers.Groups;
using ControlPlane.Controllers.Reporting;
using ControlPlane.Controllers.Scheduling;
using ControlPlane.Controllers.Vips;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

/// <summary>Apps, groups, VIPs and the scheduler together on a real server; only the nodes are pretended.</summary>
public sealed class WorkloadTests : ControllerFixture
{
    private static readonly ListOptions InDefault = new() { Namespace = "default" };

    [Fact]
    public async Task Apply_AnApp_RunsAndScalesAndGoes()
    {
        StartControllers();
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 3, cpus: 4);
        var kubectl = Cluster.Kubectl();
        await kubectl.MustApplyAsync(Manifest("web", 3, "shop:1"));
        await kubectl.MustAsync("wait", "--for=condition=Available", "app.controlplane.dev/web", "--timeout=30s");
        var app = await ReadyAsync("web", "3/3");
        Assert.Equal("Running", app.Status!.Phase);
        Assert.Equal(3, (await PodsAsync()).Select(static pod => pod.Spec!.NodeName).Distinct().Count());

        await kubectl.MustAsync("scale", "app.controlplane.dev/web", "--replicas=5");
        await ReadyAsync("web", "5/5");
        Assert.Equal(3, (await PodsAsync()).Count(pod => nodes.Started.Take(3).Contains(pod.Metadata.Name)));
        await kubectl.MustAsync("scale", "app.controlplane.dev/web", "--replicas=0");
        await Eventually.BeAsync(() => AppAsync("web"), static a => a.Status?.Phase == "Suspended" && a.Status.Instances == 0, "suspended", WorldAsync);

        await kubectl.MustAsync("delete", "app.controlplane.dev/web");
        await Eventually.BeAsync(async () => (await PodsAsync()).Count == 0, "no pods are left", WorldAsync);
    }

    [Fact]
    public async Task Apply_NewImageWithControllersKilledOnTheWay_NeverHasTooFewReady()
    {
        var host = StartControllers();
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 3, cpus: 8);
        var kubectl = Cluster.Kubectl();
        await kubectl.MustApplyAsync(Manifest("web", 6, "shop:1", "upgradeStrategy: {minimumHealthCapacity: 0.5, maximumOverCapacity: 0}"));
        var before = await ReadyAsync("web", "6/6");
        await kubectl.MustApplyAsync(Manifest("web", 6, "shop:2", "upgradeStrategy: {minimumHealthCapacity: 0.5, maximumOverCapacity: 0}"));

        var fewest = int.MaxValue;
        for (var kill = 0; kill < 5; kill++)
        {
            await StopAsync(host);
            host = StartControllers();
            var pods = await PodsAsync();
            fewest = Math.Min(fewest, pods.Count(IsReady));
            Assert.True(pods.Count <= 6, $"{pods.Count} pods");
        }

        var done = await Eventually.BeAsync(
            async () => (App: await AppAsync("web"), Pods: await PodsAsync()),
            seen => { fewest = Math.Min(fewest, seen.Pods.Count(IsReady)); return seen.App.Status is { Phase: "Running", UpdatedInstances: 6 } && seen.App.Status.ObservedGeneration == seen.App.Metadata.Generation; },
            "the new image runs", WorldAsync);
        Assert.True(fewest >= 3, $"only {fewest} were ready");
        Assert.Equal(6, done.Pods.Count);
        Assert.All(done.Pods, static pod => Assert.Equal("shop:2", pod.Spec!.Containers[0].Image));
        Assert.NotEqual(before.Status!.CurrentRevision, done.App.Status!.CurrentRevision);
    }

    [Fact]
    public async Task ChangeMetadata_OfARunningApp_RestartsNothing()
    {
        StartControllers();
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 1, cpus: 8);
        var kubectl = Cluster.Kubectl();
        await kubectl.MustApplyAsync(Manifest("web", 2, "shop:1"));
        await ReadyAsync("web", "2/2");
        var before = (await PodsAsync()).Select(static pod => pod.Metadata.Uid).Order().ToArray();

        await kubectl.MustApplyAsync(Manifest("web", 2, "shop:1", "labels: {tier: front}", "killSelection: OLDEST_FIRST", "backoffSeconds: 7"));
        await Eventually.BeAsync(
            PodsAsync, static pods => pods.All(static pod => pod.Metadata.Labels.GetValueOrDefault("tier") == "front" && pod.Metadata.Annotations["controlplane.dev/backoff"].StartsWith('7')),
            "the labels arrive", WorldAsync);
        Assert.Equal(before, (await PodsAsync()).Select(static pod => pod.Metadata.Uid).Order());
    }

    [Fact]
    public async Task LoseAPod_Failed_ComesBackUnderItsName()
    {
        StartControllers();
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 1, cpus: 8);
        await Cluster.Kubectl().MustApplyAsync(Manifest("web", 2, "shop:1", "backoffSeconds: 0"));
        await ReadyAsync("web", "2/2");
        var victim = (await PodsAsync())[0];
        await Client.PatchStatusAsync<Pod>(ObjectKey.Of(victim), PatchBody.Merge(new JsonObject { ["status"] = new JsonObject { ["phase"] = "Failed", ["reason"] = "Evicted" } }), Soon);
        await Eventually.BeAsync(
            PodsAsync, pods => pods.Count(IsReady) == 2 && pods.Any(pod => pod.Metadata.Name == victim.Metadata.Name && pod.Metadata.Uid != victim.Metadata.Uid),
            "the instance is back", WorldAsync);
        await Eventually.BeAsync(
            async () => (await Client.ListAsync<Event>(InDefault, Soon)).Items, static events => events.Any(static e => e is { Reason: "InstanceReplaced", Type: "Warning" }), "an event tells", WorldAsync);
    }

    [Fact]
    public async Task ApplyAndDelete_AGroup_StartsAndStopsInOrder()
    {
        StartControllers();
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 2, cpus: 8);
        var kubectl = Cluster.Kubectl();
        await kubectl.MustApplyAsync("""
            apiVersion: controlplane.dev/v1
            kind: Group
            metadata: {name: shop}
            spec:
              apps:
              - {name: web, image: "shop:1", cpus: 0.1, instances: 2, dependencies: [api]}
              - {name: api, image: "shop:1", cpus: 0.1, dependencies: [db]}
              - {name: db, image: "shop:1", cpus: 0.1}
            """);
        await kubectl.MustAsync("wait", "--for=condition=Ready", "group.controlplane.dev/shop", "--timeout=30s");
        Assert.Equal(["db", "api", "web", "web"], nodes.Started.Select(AppOf));

        // Scaling stays, whether the group gave a number or not, until the group's own number changes.
        await kubectl.MustAsync("scale", "app.controlplane.dev/shop-api", "--replicas=2");
        await kubectl.MustAsync("scale", "app.controlplane.dev/shop-web", "--replicas=3");
        await ReadyAsync("shop-api", "2/2");
        await ReadyAsync("shop-web", "3/3");
        await kubectl.MustAsync("patch", "group.controlplane.dev/shop", "--type=json", "-p", """[{"op":"replace","path":"/spec/apps/0/instances","value":1}]""");
        await ReadyAsync("shop-web", "1/1");
        Assert.Equal(2, (await AppAsync("shop-api")).Spec.Instances);

        // What was started in between has to be gone, lest its end counts for the group's.
        await Eventually.BeAsync(PodsAsync, static pods => pods.Count == 4 && pods.All(IsReady), "four pods are left", WorldAsync);
        var endedBefore = nodes.Ended.Count;
        await kubectl.MustAsync("delete", "group.controlplane.dev/shop", "--timeout=40s");
        var ended = nodes.Ended.Skip(endedBefore).Select(AppOf).ToList();
        Assert.Equal(["web", "api", "api", "db"], ended);
        Assert.Empty(await PodsAsync());
    }

    [Fact]
    public async Task Schedule_MorePodsThanFit_FillsNodesExactlyAndSaysWhyNot()
    {
        Start(static builder => builder.AddSchedulingController());
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 8, cpus: 5);
        var amounts = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse("100m") };
        await Parallel.ForEachAsync(Enumerable.Range(0, 410), new ParallelOptions { MaxDegreeOfParallelism = 32 }, async (i, token) => await Client.CreateAsync(
            new Pod
            {
                Metadata = new ObjectMeta { Name = "p" + i, Namespace = "default" },
                Spec = new PodSpec { Containers = [new Container { Name = "main", Image = "x", Resources = new ResourceRequirements { Requests = amounts } }] },
            },
            token));

        var pods = await Eventually.BeAsync(
            PodsAsync, static pods => pods.Count(static pod => pod.Spec?.NodeName is not null) == 400 && pods.Where(static pod => pod.Spec?.NodeName is null).All(static pod => Unscheduled(pod) is not null),
            "400 pods are on nodes and 10 know why not", WorldAsync, TimeSpan.FromSeconds(60));
        Assert.All(pods.Where(static pod => pod.Spec?.NodeName is not null).CountBy(static pod => pod.Spec!.NodeName!), static node => Assert.Equal(50, node.Value));
        Assert.All(pods.Where(static pod => pod.Spec?.NodeName is null), static pod => Assert.Contains("0/8 nodes fit: 8 ", Unscheduled(pod)!.Message, StringComparison.Ordinal));

        await Client.DeleteAsync<Pod>(ObjectKey.Of(pods.First(static pod => pod.Spec?.NodeName is not null)), Soon);
        await Eventually.BeAsync(PodsAsync, static pods => pods.Count(static pod => pod.Spec?.NodeName is null) == 9, "one takes the free place", WorldAsync);
    }

    [Fact]
    public async Task Apply_ManyVips_GetDistinctAddressesThatTheyKeep()
    {
        var host = StartControllers();
        await using var nodes = await PretendedNodes.StartAsync(Client, count: 1, cpus: 8);
        await Cluster.Kubectl().MustApplyAsync(Manifest("web", 3, "shop:1", "ports: [{name: http, containerPort: 8080}]"));
        await ReadyAsync("web", "3/3");
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Client.CreateAsync(
            new Vip { Metadata = new ObjectMeta { Name = "v" + i, Namespace = "default" }, Spec = new VipSpec { App = "web", Ports = [new VipPort { Port = 80, TargetPort = "http" }] } }, Soon)));
        await Eventually.BeAsync(VipsAsync, static vips => vips.Any(static vip => vip.Status?.Address is not null), "the first has an address", WorldAsync);
        await StopAsync(host);
        var early = (await VipsAsync()).Where(static vip => vip.Status?.Address is not null).ToDictionary(static vip => vip.Metadata.Name!, static vip => vip.Status!.Address);

        StartControllers();
        var vips = await Eventually.BeAsync(VipsAsync, static vips => vips.All(static vip => vip.Status?.ReadyEndpoints == 3), "all lead to three instances", WorldAsync);
        Assert.Equal(20, vips.Select(static vip => vip.Status!.Address).Distinct().Count());
        Assert.All(early, pair => Assert.Equal(pair.Value, vips.Single(vip => vip.Metadata.Name == pair.Key).Status!.Address));
        var slices = (await Client.ListAsync<EndpointSlice>(InDefault, Soon)).Items;
        Assert.Equal(20, slices.Count);
        Assert.All(slices, static slice => Assert.Equal(8080, Assert.Single(slice.Ports).Port));

        await Cluster.Kubectl().MustAsync("scale", "app.controlplane.dev/web", "--replicas=1");
        await Eventually.BeAsync(VipsAsync, static vips => vips.All(static vip => vip.Status?.ReadyEndpoints == 1), "all lead to one instance", WorldAsync);
    }

    private ControllerHost StartControllers() => Start(static builder => builder
        .AddAppsController().AddGroupsController().AddVipsController().AddSchedulingController().AddGarbageCollectionController());

    private Task<App> AppAsync(string name) => Client.GetAsync<App>(new ObjectKey("default", name), Soon);

    private Task<App> ReadyAsync(string name, string readyOfDesired) => Eventually.BeAsync(
        () => AppAsync(name),
        app => app.Status is { } status && status.ReadyOfDesired == readyOfDesired && status.ObservedGeneration == app.Metadata.Generation && status.Conditions.IsTrue("Ready"),
        $"{name} is {readyOfDesired}", WorldAsync);

    private async Task<IReadOnlyList<Pod>> PodsAsync() => (await Client.ListAsync<Pod>(InDefault, Soon)).Items;

    private async Task<IReadOnlyList<Vip>> VipsAsync() => (await Client.ListAsync<Vip>(InDefault, Soon)).Items;

    private static bool IsReady(Pod pod) => pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions.Any(static c => c is { Type: "Ready", Status: "True" }) == true;

    private static PodCondition? Unscheduled(Pod pod) => pod.Status?.Conditions.FirstOrDefault(static c => c is { Type: "PodScheduled", Status: "False" });

    private static string AppOf(string pod) => pod.Split('-')[1];

    private static string Manifest(string name, int instances, string image, params string[] more) => $$"""
        apiVersion: controlplane.dev/v1
        kind: App
        metadata: {name: {{name}}}
        spec:
          image: "{{image}}"
          cpus: 0.1
          instances: {{instances}}
          {{string.Join("\n  ", more)}}
        """;
}
