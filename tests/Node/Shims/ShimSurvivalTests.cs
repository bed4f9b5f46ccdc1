using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;

namespace ControlPlane.Node.Tests.Shims;

public sealed class ShimSurvivalTests
{
    [Fact]
    public async Task Reconnect_AfterTheClientIsGone_FindsTheSameProcessesAndTheExitItMissed()
    {
        await using var pod = await TestPod.CreateAsync();
        var release = Path.Combine(pod.Directory, "release");
        Directory.CreateDirectory(release);
        var lasting = await pod.StartAsync("lasting", pod.Config("sleep", "1000"));
        var config = pod.Shell("until [ -e /mnt/go ]; do sleep 0.01; done; exit 42") with
        {
            Mounts = [new() { Source = release, Destination = "/mnt" }],
        };
        await pod.StartAsync("short", config);
        using (var session = new CancellationTokenSource())
        {
            // A subscriber that vanishes mid-stream, as an agent does that is killed.
            await using var exits = pod.Shim.ExitsAsync(session.Token).GetAsyncEnumerator();
            var next = exits.MoveNextAsync();
            await session.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
        }

        await File.WriteAllTextAsync(Path.Combine(release, "go"), "");
        await pod.EventuallyAsync(() => File.Exists(Path.Combine(pod.Bundle("short"), PodDirectory.ExitFile)), "the exit is on record");

        var found = await ShimLauncher.ReconnectAsync(pod.Directory, pod.Deadline);

        Assert.Equal(ShimLiveness.Alive, found.State);
        pod.Shim = found.Client!;
        Assert.Equal(42, (await pod.ExitOfAsync("short")).ExitCode);
        var still = (await pod.Shim.ListAsync(pod.Deadline)).Single(static container => container.Id == "lasting");
        Assert.Equal((lasting.Pid, ContainerPhase.Running), (still.Pid, still.Phase));
        Assert.NotNull(ProcessIdentity.Of(lasting.Pid));
    }

    [Fact]
    public async Task Shim_LeadsItsOwnSessionAndIgnoresTermination()
    {
        await using var pod = await TestPod.CreateAsync();
        var pid = await pod.ShimPidAsync();
        var fields = File.ReadAllText($"/proc/{pid}/stat").Split(' ');
        Assert.Equal(pid.ToString(System.Globalization.CultureInfo.InvariantCulture), fields[5]);
        foreach (var signal in (int[])[Signal.Terminate, Signal.Hangup, Signal.Interrupt]) ProcessControl.TrySignal(pid, signal);
        Assert.Equal(pid, await pod.ShimPidAsync());
    }

    [Fact]
    public async Task Reconnect_AfterTheShimWasKilled_SaysDead()
    {
        var pod = await TestPod.CreateAsync();
        var pid = await pod.ShimPidAsync();
        var started = await pod.StartAsync("orphan", pod.Config("sleep", "1000"));
        ProcessControl.TrySignal(pid, Signal.Kill);
        await pod.EventuallyAsync(() => ProcessIdentity.Of(pid)?.IsAlive() != true, "the shim is gone");

        var found = await ShimLauncher.ReconnectAsync(pod.Directory, pod.Deadline);

        Assert.Equal(ShimLiveness.Dead, found.State);
        Assert.Null(ProcessIdentity.Of(pid));

        // What it left is cleaned, and the pod starts again in the same place.
        await ShimRemains.CleanAsync(new ShimLaunch { PodDirectory = pod.Directory, ShimPath = ShimBinary.Path }, pod.Deadline);
        await pod.EventuallyAsync(() => ProcessIdentity.Of(started.Pid)?.IsAlive() != true, "the container is gone");
        pod.Shim = await ShimLauncher.StartAsync(new ShimLaunch { PodDirectory = pod.Directory, ShimPath = ShimBinary.Path }, pod.Deadline);
        await pod.StartAsync("orphan", pod.Shell("exit 0"));
        Assert.Equal(0, (await pod.ExitOfAsync("orphan")).ExitCode);
        await pod.DisposeAsync();
    }

    [Fact]
    public async Task Reconnect_WhileTheShimIsStopped_SaysUnresponsive()
    {
        await using var pod = await TestPod.CreateAsync();
        var pid = await pod.ShimPidAsync();
        ProcessControl.TrySignal(pid, Signal.Stop);
        try
        {
            Assert.Equal(ShimLiveness.Unresponsive, (await ShimLauncher.ReconnectAsync(pod.Directory, pod.Deadline)).State);
        }
        finally
        {
            ProcessControl.TrySignal(pid, Signal.Continue);
        }
    }

    [Fact]
    public async Task Start_ProgramThatIsNoShim_FailsAndLeavesNoProcess()
    {
        var directory = Directory.CreateTempSubdirectory("cp-noshim-").FullName;
        var launch = new ShimLaunch { PodDirectory = directory, ShimPath = "/bin/false" };
        await Assert.ThrowsAsync<ShimUnavailableException>(() => ShimLauncher.StartAsync(launch, CancellationToken.None));
        Assert.DoesNotContain(ChildrenOfThisProcess(), static command => command == "false");
        Directory.Delete(directory, recursive: true);
    }

    /// <summary>Command names of our children, also of those that have ended and were not reaped. Other tests have children of their own.</summary>
    private static List<string> ChildrenOfThisProcess()
    {
        var commands = new List<string>();
        foreach (var folder in Directory.EnumerateDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string stat;
            try
            {
                stat = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                // It ended while we looked.
                continue;
            }

            // pid (command) state parent …
            var end = stat.LastIndexOf(')');
            if (stat[(end + 2)..].Split(' ')[1] == Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture))
                commands.Add(stat[(stat.IndexOf('(', StringComparison.Ordinal) + 1)..end]);
        }

        return commands;
    }

    [Fact]
    public async Task IdleShims_StayWithinTheirMemoryBudget()
    {
        const int PrivateLimit = 1024;
        const int ResidentLimit = 4096;

        // Two of them, as on any real node: the program's own pages are then shared, not private to one.
        await using var first = await TestPod.CreateAsync();
        await using var second = await TestPod.CreateAsync();
        foreach (var pod in (TestPod[])[first, second])
        {
            await pod.StartAsync("app", pod.Shell("i=0; while [ $i -lt 2000 ]; do echo line $i; i=$((i+1)); done; exec sleep 1000"));
            await pod.EventuallyAsync(() => pod.Output("app").Contains("line 1999\n", StringComparison.Ordinal), "the log is written");
            for (var i = 0; i < 5; i++) await pod.ExecAsync(new ExecRequest { Id = "app", Args = ["echo", "hello"] });
        }

        var memory = ReadRollup(await first.ShimPidAsync());
        Assert.True(memory["Private_Clean"] + memory["Private_Dirty"] <= PrivateLimit, Describe(memory));
        Assert.True(memory["Rss"] <= ResidentLimit, Describe(memory));
    }

    private static Dictionary<string, int> ReadRollup(int pid) => File.ReadLines($"/proc/{pid}/smaps_rollup").Skip(1)
        .Select(static line => line.Split((char[])[':', ' '], StringSplitOptions.RemoveEmptyEntries))
        .ToDictionary(static parts => parts[0], static parts => int.Parse(parts[1], System.Globalization.CultureInfo.InvariantCulture));

    private static string Describe(Dictionary<string, int> memory) => string.Join(", ", memory.Where(static pair => pair.Value > 0).Select(static pair => $"{pair.Key} {pair.Value} kB"));
}
