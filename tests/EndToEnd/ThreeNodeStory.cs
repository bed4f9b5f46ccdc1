using ControlPlane.Testing.Processes;

namespace ControlPlane.EndToEnd;

/// <summary>The same on three nodes, each in a network namespace of its own, with etcd and a process for each controller.</summary>
public sealed class ThreeNodeStory : IAsyncLifetime
{
    private Cluster _cluster = null!;
    private WebshopScenario _shop = null!;

    public async Task InitializeAsync()
    {
        _cluster = await Cluster.StartAsync("tri", 18443, 135, "--nodes", "3", "--etcd", "--separate-controllers");
        _shop = new WebshopScenario(_cluster);
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Webshop_OnThreeNodes_IsReachableFromEverywhereAndLeavesNothing()
    {
        await _shop.ApplyAndWaitAsync();
        var pods = await _shop.PodsAsync("shop-web");
        Assert.Equal(3, pods.Select(static pod => (string)pod["spec"]!["nodeName"]!).Distinct().Count());

        var address = await _shop.AddressAsync();
        await _shop.AssertSpreadAsync(() => WebshopScenario.FetchAsync(address), 3);
        foreach (var pod in pods)
        {
            var name = (string)pod["metadata"]!["name"]!;
            await _shop.AssertSpreadAsync(
                async () => (await _cluster.KubectlAsync("exec", name, "--", "wget", "-q", "-O", "-", "http://shop/cgi-bin/index.cgi")).Succeeded(), 3);
        }

        foreach (var node in (string[])["node-1", "node-2", "node-3"])
        {
            await _shop.AssertSpreadAsync(
                async () => (await Shell.RunAsync("nsenter", [$"--net=/run/netns/cp-tri-{node}", "--", "curl", "-sS", "--noproxy", "*", "-m", "10", $"http://{address}/cgi-bin/index.cgi"])).Succeeded(), 3);
        }

        await _shop.DeleteAndLeaveNothingAsync();
    }
}
