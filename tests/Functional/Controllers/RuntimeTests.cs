using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers;
using ControlPlane.Controllers.Caching;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

public sealed class RuntimeTests : ControllerFixture
{
    private readonly Counters _counters = new();

    [Fact]
    public async Task Reconcile_AfterAWriteOfItsOwn_SeesIt()
    {
        Start(builder => AddCounter(builder, until: 50));
        for (var i = 0; i < 10; i++)
            await CreateMapAsync("m" + i);

        await Eventually.BeAsync(async () => (await CountsAsync()).All(static c => c == 50), "all have counted", WorldAsync);

        Assert.Empty(_counters.Stale);
        Assert.All(_counters.Writes, static w => Assert.Equal(50, w.Value));
    }

    [Fact]
    public async Task RestartServer_WhileReconciling_LosesAndRepeatsNothing()
    {
        Start(builder => AddCounter(builder, until: 300));
        for (var i = 0; i < 3; i++)
            await CreateMapAsync("m" + i);
        await Eventually.BeAsync(() => Task.FromResult(_counters.Writes.Values.Sum() > 30), "counting has begun", WorldAsync);

        await Cluster.RestartServerAsync();

        await Eventually.BeAsync(async () => (await CountsAsync()).All(static c => c == 300), "all have counted", WorldAsync);
        Assert.Empty(_counters.Stale);
    }

    [Fact]
    public async Task StopTheLeader_AnotherTakesOverAndFinishes()
    {
        var first = Start(builder => AddCounter(builder, until: 2000), leaderElect: true);
        await CreateMapAsync("m");
        await Eventually.BeAsync(() => Task.FromResult(_counters.Writes.Values.Sum() > 10), "the first counts", WorldAsync);
        Start(builder => AddCounter(builder, until: 2000), leaderElect: true);

        await StopAsync(first);
        var left = (await CountsAsync()).Single();

        await Eventually.BeAsync(async () => (await CountsAsync()).Single() > left + 10, "the second counts on", WorldAsync);
        Assert.Empty(_counters.Stale);
    }

    [Fact]
    public async Task DeleteAndRecreate_ByTheReconciler_NeverFindsItsDeadChild()
    {
        var created = new ConcurrentBag<string>();
        Start(builder => builder.AddController("recreator", controller => controller
            .For<Secret>()
            .Reconciles(context => new Recreator(context.Client, context.Cache<Secret>(), context.Cache<ConfigMap>(), created))));
        await Client.CreateAsync(new Secret { Metadata = new ObjectMeta { Name = "s", Namespace = "default" } }, Soon);

        await Eventually.BeAsync(() => Task.FromResult(created.Count >= 20), "twenty children were made", WorldAsync);

        Assert.Equal(created.Count, created.Distinct().Count());
    }

    [Fact]
    public async Task Bind_ThenReconcileAgain_SeesTheBinding()
    {
        var attempts = new ConcurrentBag<string>();
        Start(builder => builder.AddController("binder", controller => controller
            .For<Pod>()
            .Reconciles(context => new Binder(context.Client, context.Cache<Pod>(), attempts))));
        await Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = "n" } }, Soon);
        for (var i = 0; i < 30; i++)
        {
            var spec = new PodSpec { Containers = [new Container { Name = "main", Image = "example.dev/none:1" }] };
            await Client.CreateAsync(new Pod { Metadata = new ObjectMeta { Name = "p" + i, Namespace = "default" }, Spec = spec }, Soon);
        }

        await Eventually.BeAsync(
            async () => (await Client.ListAsync<Pod>(new ListOptions { Namespace = "default" }, Soon)).Items.All(static p => p.Spec!.NodeName == "n"), "all pods are bound", WorldAsync);

        Assert.Equal(30, attempts.Count);
    }

    private void AddCounter(ControllerHostBuilder builder, int until) => builder.AddController("counter", controller => controller
        .For<ConfigMap>()
        .Reconciles(context => new Counter(context.Client, context.Cache<ConfigMap>(), _counters, until)));

    private async Task<List<int>> CountsAsync() =>
        [.. (await Client.ListAsync<ConfigMap>(new ListOptions { Namespace = "default" }, Soon)).Items.Where(static m => m.Metadata.Name!.StartsWith('m')).Select(Counter.Of)];

    private sealed class Counters
    {
        public ConcurrentDictionary<ObjectKey, int> Writes { get; } = new();

        public ConcurrentBag<string> Stale { get; } = [];
    }

    /// <summary>Adds one to each object until it has enough, and notes if it is ever shown less than it wrote.</summary>
    private sealed class Counter(IApiClient client, ObjectCache<ConfigMap> maps, Counters counters, int until) : IReconciler
    {
        private readonly ConcurrentDictionary<ObjectKey, int> _written = new();

        public static int Of(ConfigMap map) => int.Parse(map.Data.GetValueOrDefault("count", "0"), CultureInfo.InvariantCulture);

        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            if (!maps.TryGet(key, out var map) || key.Namespace != "default" || !key.Name.StartsWith('m') || Of(map) >= until)
                return ReconcileResult.Done;
            if (_written.TryGetValue(key, out var written) && Of(map) < written)
                counters.Stale.Add($"{key}: {Of(map)} after {written}");
            var next = Of(map) + 1;
            var patch = new JsonObject
            {
                ["metadata"] = new JsonObject { ["resourceVersion"] = map.Metadata.ResourceVersion },
                ["data"] = new JsonObject { ["count"] = next.ToString(CultureInfo.InvariantCulture) },
            };
            await client.PatchAsync<ConfigMap>(key, PatchBody.Merge(patch), cancellationToken);
            _written[key] = next;
            counters.Writes.AddOrUpdate(key, 1, static (_, n) => n + 1);
            return ReconcileResult.LookAgainAfter(TimeSpan.Zero);
        }
    }

    /// <summary>Binds what is not bound, and looks again at once.</summary>
    private sealed class Binder(IApiClient client, ObjectCache<Pod> pods, ConcurrentBag<string> attempts) : IReconciler
    {
        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            if (!pods.TryGet(key, out var pod) || !string.IsNullOrEmpty(pod.Spec?.NodeName))
                return ReconcileResult.Done;
            attempts.Add(key.Name);
            await client.BindAsync(pod, "n", cancellationToken);
            return ReconcileResult.LookAgainAfter(TimeSpan.Zero);
        }
    }

    /// <summary>Deletes its child if there is one, else makes one: on a stale cache it would delete the dead or make a second.</summary>
    private sealed class Recreator(IApiClient client, ObjectCache<Secret> secrets, ObjectCache<ConfigMap> maps, ConcurrentBag<string> created) : IReconciler
    {
        private static readonly ObjectKey Child = new("default", "child");

        public async Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken)
        {
            if (!secrets.TryGet(key, out _) || created.Count >= 20)
                return ReconcileResult.Done;
            if (maps.TryGet(Child, out _))
                await client.DeleteAsync<ConfigMap>(Child, cancellationToken);
            else
                created.Add((await client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = Child.Name, Namespace = Child.Namespace } }, cancellationToken)).Metadata.Uid!);
            return ReconcileResult.LookAgainAfter(TimeSpan.FromMilliseconds(1));
        }
    }
}
