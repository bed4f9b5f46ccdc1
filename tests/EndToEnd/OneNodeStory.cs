using System.Globalization;
using ControlPlane.Testing.Processes;

namespace ControlPlane.EndToEnd;

/// <summary>From kubectl apply to an isolated, reachable, self-healing app, on one machine with the embedded store.</summary>
public sealed class OneNodeStory : IAsyncLifetime
{
    private Cluster _cluster = null!;
    private WebshopScenario _shop = null!;

    public async Task InitializeAsync()
    {
        _cluster = await Cluster.StartAsync("one", 17443, 125);
        _shop = new WebshopScenario(_cluster);
    }

    public async Task DisposeAsync() => await _cluster.DisposeAsync();

    [Fact]
    public async Task Webshop_FromApplyToDelete_WorksAndLeavesNothing()
    {
        await _shop.ApplyAndWaitAsync();
        var address = await _shop.AddressAsync();
        await _shop.AssertSpreadAsync(() => WebshopScenario.FetchAsync(address), 3);

        var web = (await _shop.PodsAsync("shop-web"))[0];
        var pod = (string)web["metadata"]!["name"]!;
        await _shop.AssertSpreadAsync(
            async () => (await _cluster.KubectlAsync("exec", pod, "--", "wget", "-q", "-O", "-", "http://shop/cgi-bin/index.cgi")).Succeeded(), 3);

        await AssertTablesAsync();
        await AssertCommandsAsync(pod);
        await AssertIsolationAsync(pod);
        await AssertMissingImageAsync();
        await _shop.DeleteAndLeaveNothingAsync();
    }

    [Fact]
    public async Task Processes_KilledOneAfterTheOther_HealWithoutTouchingTheRest()
    {
        await _shop.ApplyAndWaitAsync();
        var address = await _shop.AddressAsync();
        await AContainerProcessAsync();
        await TheAgentAsync();
        await AControllerAsync();
        await TheApiServerAsync(address);
        await _shop.AssertSpreadAsync(() => WebshopScenario.FetchAsync(address), 3);
        await _shop.DeleteAndLeaveNothingAsync();
    }

    private async Task AssertTablesAsync()
    {
        var tables = (await _cluster.KubectlAsync("get", "groups,apps,pods,vips,nodes", "-o", "wide")).Succeeded();
        Assert.Matches(@"group\S*/shop\s+3/3\s+Running", tables);
        Assert.Matches(@"app\S*/shop-web\s+3/3\s+3\s+Running", tables);
        Assert.Matches(@"vip\S*/shop\s+10\.126\.\d+\.\d+\s+80/TCP\s+3", tables);
        Assert.Matches(@"node/node-1\s+Ready", tables);
        Assert.Matches(@"pod/shop-web-\S+\s+1/1\s+Running\s+0", tables);
    }

    private async Task AssertCommandsAsync(string pod)
    {
        var exec = await _cluster.KubectlAsync("exec", pod, "--", "sh", "-c", "hostname; exit 3");
        Assert.Equal(pod + "\n", exec.Output);
        Assert.Equal(3, exec.ExitCode);

        // A terminal on both sides, as a person has it.
        var typed = await Shell.RunAsync("script", ["-qec", $"kubectl --kubeconfig {_cluster.AdminConfig} exec -it {pod} -- sh -c 'tty; stty size'", "/dev/null"]);
        Assert.Contains("/dev/pts/0", typed.Succeeded(), StringComparison.Ordinal);

        (await _cluster.KubectlAsync("scale", "app/shop-api", "--replicas=2")).Succeeded();
        (await _cluster.KubectlAsync("wait", "--for=jsonpath={.status.readyInstances}=2", "app/shop-api", "--timeout=60s")).Succeeded();
        Assert.Contains("Events:", (await _cluster.KubectlAsync("describe", "app", "shop-web")).Succeeded(), StringComparison.Ordinal);
        Assert.Contains("Started", (await _cluster.KubectlAsync("describe", "pod", pod)).Succeeded(), StringComparison.Ordinal);

        (await _cluster.ApplyAsync(
            """
            apiVersion: controlplane.dev/v1
            kind: App
            metadata: {name: ticker}
            spec:
              image: controlplane.local/busybox:1
              cmd: 'i=0; while true; do i=$((i+1)); echo tick $i; sleep 0.2; done'
              cpus: 0.05
              mem: 16
            """)).Succeeded();
        (await _cluster.KubectlAsync("wait", "--for=condition=Available", "app/ticker", "--timeout=60s")).Succeeded();
        var ticker = (string)(await _shop.PodsAsync("ticker"))[0]["metadata"]!["name"]!;
        using var follow = _cluster.StartKubectl("logs", "-f", ticker);
        var deadline = TimeSpan.FromSeconds(30);
        for (var i = 1; i <= 10; i++)
            Assert.Equal($"tick {i.ToString(CultureInfo.InvariantCulture)}", await follow.StandardOutput.ReadLineAsync().WaitAsync(deadline));
        follow.Kill();
        Assert.StartsWith("tick 1\n", (await _cluster.KubectlAsync("logs", ticker)).Succeeded(), StringComparison.Ordinal);
        (await _cluster.KubectlAsync("delete", "app", "ticker", "--timeout=60s")).Succeeded();
    }

    private async Task AssertMissingImageAsync()
    {
        (await _cluster.ApplyAsync(
            """
            apiVersion: controlplane.dev/v1
            kind: App
            metadata: {name: nowhere}
            spec: {image: "localhost:1/no/such:1", cmd: exit 0}
            """)).Succeeded();
        await _cluster.EventuallyAsync("the pod says that its image is missing", async () =>
        {
            var pods = await _shop.PodsAsync("nowhere");
            return pods.Count == 1 && (string?)pods[0]["status"]?["containerStatuses"]?[0]?["state"]?["waiting"]?["reason"] is "ErrImagePull" or "ImagePullBackOff";
        });
        Assert.Equal(0, (int)(await _shop.PodsAsync("nowhere"))[0]["status"]!["containerStatuses"]![0]!["restartCount"]!);
        var status = (await _cluster.GetAsync("app", "nowhere"))["status"]!;
        Assert.Contains("localhost:1/no/such:1", (string)status["message"]!, StringComparison.Ordinal);
        (await _cluster.KubectlAsync("delete", "app", "nowhere", "--timeout=60s")).Succeeded();
    }

    private async Task AssertIsolationAsync(string pod)
    {
        var inside = (await _cluster.KubectlAsync("exec", pod, "--", "sh", "-c", "for n in pid net uts ipc mnt; do readlink /proc/self/ns/$n; done; grep -E 'NoNewPrivs|Seccomp:' /proc/self/status")).Succeeded();
        foreach (var kind in (string[])["pid", "net", "uts", "ipc", "mnt"])
        {
            var own = new FileInfo("/proc/self/ns/" + kind).LinkTarget!;
            Assert.Contains(kind + ":[", inside, StringComparison.Ordinal);
            Assert.DoesNotContain(own, inside, StringComparison.Ordinal);
        }

        Assert.Matches(@"NoNewPrivs:\s+1", inside);
        Assert.Matches(@"Seccomp:\s+2", inside);
    }

    private async Task AContainerProcessAsync()
    {
        var before = (await _shop.PodsAsync("shop-db"))[0];
        var victim = _cluster.ContainerProcesses().First(process => process.Command == "httpd" && IsFirst(process.Pid) && CommandLine(process.Pid).Contains("5432", StringComparison.Ordinal));
        System.Diagnostics.Process.GetProcessById(victim.Pid).Kill();
        await _cluster.EventuallyAsync("the database runs again", async () =>
        {
            var pod = (await _shop.PodsAsync("shop-db"))[0];
            var status = pod["status"]!["containerStatuses"]![0]!;
            return (int)status["restartCount"]! == 1 && (bool)status["ready"]!;
        });
        var after = (await _shop.PodsAsync("shop-db"))[0];
        Assert.Equal((string)before["metadata"]!["uid"]!, (string)after["metadata"]!["uid"]!);
        var ended = after["status"]!["containerStatuses"]![0]!["lastState"]!["terminated"]!;
        Assert.Equal(137, (int)ended["exitCode"]!);
        Assert.Equal("Error", (string)ended["reason"]!);
    }

    private async Task TheAgentAsync()
    {
        var before = Httpds();
        _cluster.Kill9("agent-node-1");
        Assert.Equal(before, Httpds());
        await _cluster.UpAsync();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "node/node-1", "--timeout=30s")).Succeeded();
        // Adopted: it can be reached through the new agent, and is the same process.
        var pod = (string)(await _shop.PodsAsync("shop-web"))[0]["metadata"]!["name"]!;
        (await _cluster.KubectlAsync("exec", pod, "--", "true")).Succeeded();
        Assert.Equal(before, Httpds());
        Assert.All(await _shop.PodsAsync("shop-web"), static p => Assert.Equal(0, (int)p["status"]!["containerStatuses"]![0]!["restartCount"]!));
    }

    private async Task AControllerAsync()
    {
        _cluster.Kill9("controllers");
        (await _cluster.KubectlAsync("scale", "app/shop-web", "--replicas=4")).Succeeded();
        await _cluster.UpAsync();
        (await _cluster.KubectlAsync("wait", "--for=jsonpath={.status.readyInstances}=4", "app/shop-web", "--timeout=60s")).Succeeded();
        (await _cluster.KubectlAsync("scale", "app/shop-web", "--replicas=3")).Succeeded();
        await _cluster.EventuallyAsync("three are left", async () => (await _shop.PodsAsync("shop-web")).Count == 3);
    }

    private async Task TheApiServerAsync(string address)
    {
        var pods = await UidsAsync();
        var before = Httpds();
        _cluster.Kill9("api-server");
        for (var i = 0; i < 5; i++)
            Assert.Contains("webshop", await WebshopScenario.FetchAsync(address), StringComparison.Ordinal);
        await _cluster.UpAsync();
        (await _cluster.KubectlAsync("wait", "--for=condition=Ready", "node/node-1", "--timeout=30s")).Succeeded();
        // Everybody is back and works: a change goes all the way through.
        (await _cluster.KubectlAsync("scale", "app/shop-api", "--replicas=2")).Succeeded();
        (await _cluster.KubectlAsync("wait", "--for=jsonpath={.status.readyInstances}=2", "app/shop-api", "--timeout=60s")).Succeeded();
        Assert.Subset(await UidsAsync(), pods);
        Assert.Subset(Httpds(), before);
    }

    private async Task<HashSet<string>> UidsAsync() =>
        [.. (await _cluster.GetAsync("pods"))["items"]!.AsArray().Select(static pod => (string)pod!["metadata"]!["uid"]!)];

    /// <summary>The servers themselves: the first process of each container, not what it forks for a request.</summary>
    private HashSet<int> Httpds() => [.. _cluster.ContainerProcesses().Where(static p => p.Command == "httpd" && IsFirst(p.Pid)).Select(static p => p.Pid)];

    private static bool IsFirst(int pid)
    {
        try
        {
            return File.ReadLines($"/proc/{pid}/status").First(static line => line.StartsWith("NSpid:", StringComparison.Ordinal)).Split('\t')[^1] == "1";
        }
        catch (IOException)
        {
            // It ended while we looked.
            return false;
        }
    }

    private static string CommandLine(int pid) => File.ReadAllText($"/proc/{pid}/cmdline");
}
