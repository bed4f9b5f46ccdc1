using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Values;
using ControlPlane.Controllers;
using ControlPlane.Controllers.Nodes;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

public sealed class NodeTests : ControllerFixture
{
    protected override bool Expects(string error) => error.Contains("nothing is evicted", StringComparison.Ordinal);

    [Fact]
    public async Task RegisterNodes_ByManyAtOnce_GivesEachItsOwnAddresses()
    {
        StartController();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => RegisterAsync("n" + i)));

        var nodes = await Eventually.BeAsync(
            async () => (await Client.ListAsync<Node>(ListOptions.All, Soon)).Items, static all => all.All(static n => n.Spec?.PodCidr is not null), "all have addresses", WorldAsync);

        Assert.Equal(20, nodes.Select(static n => n.Spec!.PodCidr).Distinct().Count());
        Assert.All(nodes, static n => Assert.Equal([n.Spec!.PodCidr!], n.Spec.PodCidrs));
    }

    [Fact]
    public async Task LoseANode_ItsPodsAreMarkedAndItIsTainted_AndComesBack()
    {
        StartController();
        using var beatA = Beat("a");
        using var beatB = Beat("b");
        var beatC = Beat("c");
        foreach (var name in new[] { "a", "b", "c" })
            await RegisterAsync(name);
        await CreatePodAsync("on-a", "a");
        await CreatePodAsync("on-c", "c");

        beatC.Dispose();

        var pod = await Eventually.BeAsync(() => FindPodAsync("on-c"), static p => p is null or { Metadata.DeletionTimestamp: not null }, "the pod is marked", WorldAsync);
        Assert.NotNull(pod);
        var node = await Client.GetAsync<Node>(new ObjectKey("", "c"), Soon);
        Assert.Equal("Unknown", node.Status!.Conditions.Single(static c => c.Type == "Ready").Status);
        Assert.Contains(node.Spec!.Taints, static t => t is { Key: "node.kubernetes.io/unreachable", Effect: "NoExecute" });
        Assert.Null((await FindPodAsync("on-a"))!.Metadata.DeletionTimestamp);

        // Nobody can confirm its end: after the grace period (1 s here) it is removed all the same.
        await Eventually.BeAsync(async () => await FindPodAsync("on-c") is null, "the pod is removed", WorldAsync);

        using var again = Beat("c");
        await ReportReadyAsync("c");
        await Eventually.BeAsync(
            () => Client.GetAsync<Node>(new ObjectKey("", "c"), Soon), static n => n.Spec!.Taints.Count == 0, "the taints are gone", WorldAsync);
    }

    [Fact]
    public async Task LoseMostNodes_NoPodIsTouched()
    {
        StartController();
        using var beatA = Beat("a");
        var others = new[] { Beat("b"), Beat("c") };
        foreach (var name in new[] { "a", "b", "c" })
            await RegisterAsync(name);
        await CreatePodAsync("on-c", "c");

        foreach (var beat in others)
            beat.Dispose();

        await Eventually.BeAsync(
            async () => (await Client.ListAsync<Node>(ListOptions.All, Soon)).Items.Count(static n => n.Status!.Conditions.Any(static c => c is { Type: "Ready", Status: "Unknown" })),
            static unknown => unknown == 2, "two nodes are unknown", WorldAsync);
        await Eventually.BeAsync(
            () => Client.GetAsync<Node>(new ObjectKey("", "c"), Soon), static n => n.Spec!.Taints.Count > 0, "the node is tainted", WorldAsync);
        Assert.DoesNotContain((await Client.GetAsync<Node>(new ObjectKey("", "c"), Soon)).Spec!.Taints, static t => t.Effect == "NoExecute");
        Assert.Null((await FindPodAsync("on-c"))!.Metadata.DeletionTimestamp);
    }

    [Fact]
    public async Task DeleteANode_ItsPodsGo()
    {
        StartController();
        using var beat = Beat("a");
        await RegisterAsync("a");
        await CreatePodAsync("on-a", "a");

        await Client.DeleteAsync<Node>(new ObjectKey("", "a"), Soon);

        await Eventually.BeAsync(async () => await FindPodAsync("on-a") is null, "the pod is gone", WorldAsync);
    }

    private void StartController() => Start(static builder => builder.AddNodesController(), settings: ("node-grace", "3s"));

    private async Task RegisterAsync(string name)
    {
        await Client.CreateAsync(new Node { Metadata = new ObjectMeta { Name = name } }, Soon);
        await ReportReadyAsync(name);
    }

    private Task ReportReadyAsync(string name) => Client.PatchStatusAsync<Node>(
        new ObjectKey("", name),
        PatchBody.Merge(new JsonObject { ["status"] = new JsonObject { ["conditions"] = new JsonArray(new JsonObject { ["type"] = "Ready", ["status"] = "True" }) } }),
        Soon);

    private Task<Pod> CreatePodAsync(string name, string node) => Client.CreateAsync(
        new Pod
        {
            Metadata = new ObjectMeta { Name = name, Namespace = "default" },
            Spec = new PodSpec { NodeName = node, TerminationGracePeriodSeconds = 1, Containers = [new Container { Name = "main", Image = "example.dev/none:1" }] },
        },
        Soon);

    private Task<Pod?> FindPodAsync(string name) => Client.TryGetAsync<Pod>(new ObjectKey("default", name), Soon);

    /// <summary>An agent's sign of life, until disposed.</summary>
    private Heart Beat(string node) => new(Client, node);

    private sealed class Heart : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _loop;

        public Heart(IApiClient client, string node) => _loop = Task.Run(() => BeatAsync(client, node, _stop.Token));

        public void Dispose()
        {
            _stop.Cancel();
            _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing).GetAwaiter().GetResult();
            _stop.Dispose();
        }

        private static async Task BeatAsync(IApiClient client, string node, CancellationToken cancellationToken)
        {
            while (true)
            {
                var lease = new Lease
                {
                    Metadata = new ObjectMeta { Name = node, Namespace = "kube-node-lease" },
                    Spec = new LeaseSpec { HolderIdentity = node, LeaseDurationSeconds = 12, RenewTime = new MicroTime(DateTimeOffset.UtcNow) },
                };
                await client.ApplyAsync(lease, "agent", cancellationToken);
                await Task.Delay(500, cancellationToken);
            }
        }
    }
}
