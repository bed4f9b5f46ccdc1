using System.Text.Json.Nodes;
using ControlPlane.Testing.Processes;

namespace ControlPlane.EndToEnd;

/// <summary>What a newcomer does with the webshop sample, step by step; the same on any cluster.</summary>
internal sealed class WebshopScenario(Cluster cluster)
{
    private const string Manifest = "manifests/samples/webshop.yaml";
    private static readonly HttpClient Http = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.Zero }) { Timeout = TimeSpan.FromSeconds(10) };

    public async Task ApplyAndWaitAsync()
    {
        (await cluster.KubectlAsync("apply", "-f", Manifest)).Succeeded();
        var wait = await cluster.KubectlAsync("wait", "--for=condition=Ready", "group/shop", "--timeout=90s");
        await cluster.EventuallyAsync(wait.Error, () => Task.FromResult(wait.ExitCode == 0), 0);
        foreach (var app in (string[])["shop-db", "shop-api", "shop-web"])
            (await cluster.KubectlAsync("wait", "--for=condition=Available", "app/" + app, "--timeout=10s")).Succeeded();
    }

    public async Task<string> AddressAsync() => (string)(await cluster.GetAsync("vip", "shop"))["status"]!["address"]!;

    /// <summary>The page that one connection to the VIP gets.</summary>
    public static async Task<string> FetchAsync(string address) => await Http.GetStringAsync(new Uri($"http://{address}/cgi-bin/index.cgi"));

    /// <summary>Fetches until every web instance has answered, through the whole chain of apps.</summary>
    public async Task AssertSpreadAsync(Func<Task<string>> fetch, int instances)
    {
        var seen = new HashSet<string>();
        await cluster.EventuallyAsync($"{instances} instances answer", async () =>
        {
            var page = await fetch();
            Assert.Contains("The ControlPlane webshop", page, StringComparison.Ordinal);
            Assert.Contains("\"served_by\": \"shop-api-", page, StringComparison.Ordinal);
            seen.Add(page.Split("web instance ")[1].Split('<')[0]);
            return seen.Count >= instances;
        });
    }

    public async Task<IReadOnlyList<JsonNode>> PodsAsync(string app) =>
        [.. (await cluster.GetAsync("pods", "-l", "controlplane.dev/app=" + app))["items"]!.AsArray().OfType<JsonNode>()];

    public async Task DeleteAndLeaveNothingAsync()
    {
        (await cluster.KubectlAsync("delete", "-f", Manifest, "--timeout=90s")).Succeeded();
        IReadOnlyList<string> traces = [];
        await cluster.EventuallyAsync("no pod leaves anything behind", async () =>
        {
            traces = await cluster.TracesOfPodsAsync();
            return traces.Count == 0;
        });
    }
}
