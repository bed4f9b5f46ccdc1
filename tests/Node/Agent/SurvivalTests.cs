using System.Diagnostics;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;

namespace ControlPlane.Node.Tests.Agent;

/// <summary>What outlives what.</summary>
public sealed class SurvivalTests : IAsyncLifetime
{
    private AgentLab _lab = null!;

    public async Task InitializeAsync() => _lab = await AgentLab.StartAsync();

    public async Task DisposeAsync() => await _lab.DisposeAsync();

    [Fact]
    public async Task Agent_Killed_FindsItsPodsAsTheyWere()
    {
        var pod = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "exec sleep 1000")));
        var pid = _lab.Pids(pod)["c"];

        _lab.KillAgent();
        _lab.StartAgent();
        var second = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "exec sleep 1000")));

        pod = await _lab.RunningAsync(pod);
        Assert.Equal(pid, _lab.Pids(pod)["c"]);
        Assert.Equal(0, pod.Status!.ContainerStatuses[0].RestartCount);
        await _lab.DeleteAsync(pod);
        await _lab.DeleteAsync(second);
        Assert.Empty(_lab.Traces());
    }

    [Fact]
    public async Task Container_EndingWhileTheAgentIsDead_KeepsItsExitCode()
    {
        var pod = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "trap 'exit 42' USR1; while true; do sleep 0.05; done")));

        _lab.KillAgent();
        Signal(_lab.Pids(pod)["c"], "USR1");
        _lab.StartAgent();

        pod = await _lab.EventuallyAsync(pod, "is restarted", p => p.Status?.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }]);
        Assert.Equal(42, pod.Status!.ContainerStatuses[0].LastState!.Terminated!.ExitCode);
    }

    [Fact]
    public async Task Shim_Killed_CostsItsPodARestartAndNothingElse()
    {
        var pod = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "exec sleep 1000")));
        var other = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "exec sleep 1000")));
        var otherPid = _lab.Pids(other)["c"];

        var shim = File.ReadAllText(Path.Combine(_lab.Root, "pods", pod.Metadata.Uid!, "shim.pid")).Split(' ')[0];
        Signal(int.Parse(shim), "KILL");

        pod = await _lab.EventuallyAsync(pod, "is restarted", p => p.Status?.ContainerStatuses is [{ RestartCount: 1, State.Running: not null }]);
        Assert.Equal(otherPid, _lab.Pids(other)["c"]);
        await _lab.DeleteAsync(pod);
        await _lab.DeleteAsync(other);
        Assert.Empty(_lab.Traces());
    }

    [Fact]
    public async Task ApiServer_Away_PodsRestartLocallyAndReportLater()
    {
        var pod = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "echo run; exec sleep 1000")));
        await _lab.StopServerAsync();

        var pid = _lab.Pids(pod)["c"];
        Signal(pid, "KILL");
        await _lab.EventuallyAsync("the container runs again", () => Task.FromResult(_lab.Pids(pod)["c"] is var now && now != pid && now > 0));
        await _lab.StartServerAsync();

        await _lab.EventuallyAsync(pod, "reports the restart", p => p.Status?.ContainerStatuses is [{ RestartCount: 1, Ready: true }]);
    }

    [Fact]
    public async Task Object_DeletedWhileTheAgentIsDead_IsEndedByTheNext()
    {
        var pod = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "exec sleep 1000")));

        _lab.KillAgent();
        await _lab.Client.TryDeleteAsync<Pod>(ObjectKey.Of(pod), default, new DeleteOptions { GracePeriodSeconds = 0 });
        _lab.StartAgent();

        await _lab.EventuallyAsync("nothing is left", () => Task.FromResult(_lab.Traces().Count == 0));
    }

    [Fact]
    public async Task Agent_KilledAtAnyMoment_LosesNoPodAndLeavesNothing()
    {
        // Pods come and go while the agent is killed again and again, at moments nobody chose.
        const int Kills = 8;
        var random = new Random(1);
        var lasting = await _lab.RunningAsync(await _lab.CreateAsync(AgentLab.Shell("c", "exec sleep 1000")));
        var pid = _lab.Pids(lasting)["c"];
        var pods = new List<Pod>();
        for (var kill = 0; kill < Kills; kill++)
        {
            pods.Add(await _lab.CreateAsync(AgentLab.Shell("a", "exec sleep 1000"), AgentLab.Shell("b", "exec sleep 1000")));
            if (pods.Count > 2)
                await _lab.Client.TryDeleteAsync<Pod>(ObjectKey.Of(pods[random.Next(pods.Count)]), default);
            await Task.Delay(random.Next(2000));
            _lab.KillAgent();
            _lab.StartAgent();
        }

        var present = (await _lab.Client.ListAsync<Pod>(ListOptions.All, default)).Items.Where(p => p.Metadata.DeletionTimestamp is null).ToList();
        foreach (var pod in present)
        {
            var running = await _lab.RunningAsync(pod);
            Assert.All(running.Status!.ContainerStatuses, c => Assert.Equal(0, c.RestartCount));
            Assert.All(_lab.Pids(running).Values, p => Assert.True(Directory.Exists($"/proc/{p}")));
        }

        Assert.Equal(pid, _lab.Pids(lasting)["c"]);
        foreach (var pod in present)
            await _lab.DeleteAsync(pod);
        await _lab.EventuallyAsync("nothing is left", () => Task.FromResult(_lab.Traces().Count == 0));
    }

    private static void Signal(int pid, string signal)
    {
        using var kill = Process.Start("kill", ["-" + signal, pid.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }
}
