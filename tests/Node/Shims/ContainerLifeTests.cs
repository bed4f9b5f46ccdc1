using ControlPlane.Agent.Bundles;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;

namespace ControlPlane.Node.Tests.Shims;

public sealed class ContainerLifeTests
{
    [Fact]
    public async Task Start_ProgramThatPrintsAndFails_LogsBothStreamsAndRecordsTheExit()
    {
        await using var pod = await TestPod.CreateAsync();
        var started = await pod.StartAsync("app", pod.Shell("echo out; echo err >&2; printf tail; exit 3"));
        var exit = await pod.ExitOfAsync("app");
        Assert.Equal(3, exit.ExitCode);
        Assert.Equal(0, exit.Signal);
        Assert.False(exit.OomKilled);
        Assert.Equal(started.Pid, exit.Pid);
        Assert.InRange(exit.FinishedAt, exit.StartedAt, Clock.UnixNanoseconds());
        Assert.Equal("out\ntail", pod.Output("app"));
        Assert.Equal("err\n", pod.Output("app", "stderr"));
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z stdout F out$", File.ReadLines(pod.LogPath("app")).First(static line => line.Contains("stdout F", StringComparison.Ordinal)));
        Assert.Equal(exit, ContainerExit.FromFile(await File.ReadAllTextAsync(Path.Combine(pod.Bundle("app"), PodDirectory.ExitFile))));
    }

    [Fact]
    public async Task Start_MissingProgram_FailsWithTheRuntimesWordsAndLeavesNothing()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Config("/bin/nonsense");
        var error = await Assert.ThrowsAsync<ShimException>(() => pod.StartAsync("app", config));
        Assert.Equal(ShimErrorCode.RuntimeFailed, error.Code);
        Assert.Contains("/bin/nonsense", error.Message, StringComparison.Ordinal);
        Assert.Empty(await pod.Shim.ListAsync(pod.Deadline));
        Assert.False(Directory.Exists(CgroupMounts.Version1("memory") + config.CgroupPath));

        // The id is free again, and the pod works.
        await pod.StartAsync("app", pod.Shell("exit 0"));
        Assert.Equal(0, (await pod.ExitOfAsync("app")).ExitCode);
    }

    [Fact]
    public async Task Start_SameIdTwice_IsRefused()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell("exec sleep 100"));
        var error = await Assert.ThrowsAsync<ShimException>(() => pod.StartAsync("app", pod.Shell("exec sleep 100")));
        Assert.Equal(ShimErrorCode.AlreadyExists, error.Code);
    }

    [Fact]
    public async Task Start_ProcessesOfOnePod_ShareNetworkAndHostNameButNotProcesses()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("server", pod.Shell("echo hello | nc -l -p 8080"));
        await pod.StartAsync("client", pod.Shell("until nc 127.0.0.1 8080 </dev/null; do sleep 0.05; done; hostname; echo $$; ls /proc | grep -c '^[0-9]'"));
        Assert.Equal(0, (await pod.ExitOfAsync("client")).ExitCode);
        var lines = pod.Output("client").Split('\n');
        Assert.Equal(["hello", "testpod", "1"], lines[..3]);
        Assert.InRange(int.Parse(lines[3], System.Globalization.CultureInfo.InvariantCulture), 1, 3);
    }

    [Fact]
    public async Task MemoryLimit_Exceeded_IsReportedAsOom()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Config("tail", "/dev/zero") with { Resources = new ContainerResources { MemoryBytes = 16 << 20 } };
        await pod.StartAsync("hog", config);
        var exit = await pod.ExitOfAsync("hog");
        Assert.True(exit.OomKilled, exit.ToString());
        Assert.Equal(137, exit.ExitCode);
    }

    [Fact]
    public async Task Kill9_OfTheProcessItself_IsSignal9AndNoOom()
    {
        await using var pod = await TestPod.CreateAsync();
        var started = await pod.StartAsync("app", pod.Config("sleep", "1000"));
        Assert.True(ProcessControl.TrySignal(started.Pid, Signal.Kill));
        var exit = await pod.ExitOfAsync("app");
        Assert.Equal(137, exit.ExitCode);
        Assert.Equal(Signal.Kill, exit.Signal);
        Assert.False(exit.OomKilled);
    }

    [Fact]
    public async Task Kill_WithTerm_ReachesThePrograms()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Shell("trap 'echo bye; exit 7' TERM; echo ready; while :; do sleep 0.02; done"));
        await pod.EventuallyAsync(() => pod.Output("app") == "ready\n", "the trap is set");
        await pod.Shim.KillAsync(new KillRequest("app", Signal.Terminate, All: false), pod.Deadline);
        Assert.Equal(7, (await pod.ExitOfAsync("app")).ExitCode);
        Assert.Equal("ready\nbye\n", pod.Output("app"));
    }

    [Fact]
    public async Task Kill_All_EndsEveryProcessOfTheCgroup()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Shell("sleep 1000 & sleep 1001 & echo ready; wait");
        await pod.StartAsync("app", config);
        await pod.EventuallyAsync(() => pod.Output("app") == "ready\n", "the children run");
        await pod.Shim.KillAsync(new KillRequest("app", Signal.Kill, All: true), pod.Deadline);
        Assert.Equal(137, (await pod.ExitOfAsync("app")).ExitCode);
        await pod.EventuallyAsync(() => File.ReadAllText(CgroupMounts.Version1("memory") + config.CgroupPath + "/cgroup.procs").Length == 0, "the cgroup is empty");
    }

    [Fact]
    public async Task Delete_RunningContainer_AnnouncesItsExitAndLeavesNothing()
    {
        await using var pod = await TestPod.CreateAsync();
        var config = pod.Shell("sleep 1000 & exec sleep 1000");
        var started = await pod.StartAsync("app", config);
        await using var exits = pod.Shim.ExitsAsync(pod.Deadline).GetAsyncEnumerator();
        var next = exits.MoveNextAsync();
        await pod.EventuallyAsync(() => File.ReadAllLines(CgroupMounts.Version1("memory") + config.CgroupPath + "/cgroup.procs").Length == 2, "both run");

        await pod.Shim.DeleteAsync("app", pod.Deadline);

        Assert.True(await next);
        Assert.Equal(137, exits.Current.ExitCode);
        Assert.Null(ProcessIdentity.Of(started.Pid));
        Assert.All(Directory.GetDirectories(CgroupMounts.Version2), hierarchy => Assert.False(Directory.Exists(hierarchy + config.CgroupPath), hierarchy));
        Assert.Empty(Directory.GetDirectories(Path.Combine(pod.Directory, PodDirectory.RuntimeRoot)));
        Assert.Empty(await pod.Shim.ListAsync(pod.Deadline));
    }

    [Fact]
    public async Task Delete_UnknownContainer_Succeeds()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.Shim.DeleteAsync("never-was", pod.Deadline);
    }

    [Fact]
    public async Task Shutdown_WithContainers_IsRefused()
    {
        await using var pod = await TestPod.CreateAsync();
        await pod.StartAsync("app", pod.Config("sleep", "1000"));
        var error = await Assert.ThrowsAsync<ShimException>(() => pod.Shim.ShutdownAsync(pod.Deadline));
        Assert.Equal(ShimErrorCode.Busy, error.Code);
        Assert.Equal(ContainerPhase.Running, Assert.Single(await pod.Shim.ListAsync(pod.Deadline)).Phase);
    }
}
