using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Tests.Node;

public sealed class PodStatusTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Status_OfARunningPod_IsReady()
    {
        var status = Build(Running(), null);
        Assert.Equal(("Running", "10.1.0.2", "10.0.0.1"), (status.Phase, status.PodIp, status.HostIp));
        Assert.Equal(["Initialized=True", "ContainersReady=True", "Ready=True"], status.Conditions.Select(c => $"{c.Type}={c.Status}"));
        Assert.True(status.ContainerStatuses[0].Ready);
    }

    [Fact]
    public void Status_OfAPodThatEnds_IsUnreadyBeforeItsContainersAre()
    {
        var status = Build(Running() with { Stop = new PodStop { Deadline = Now.AddSeconds(30) } }, null);
        Assert.NotNull(status.ContainerStatuses[0].State!.Running);
        Assert.Equal("False", status.Conditions.Single(c => c.Type == "Ready").Status);
    }

    [Fact]
    public void Status_KeepsWhatOthersWroteAndTheTimesOfWhatStayed()
    {
        var scheduled = new PodCondition { Type = "PodScheduled", Status = "True", LastTransitionTime = Now.AddDays(-1) };
        var before = Build(Running(), new PodStatus { Conditions = [scheduled] });
        var after = PodStatusBuilder.Build(Running(), before, "10.0.0.1", Now.AddMinutes(1));
        Assert.Contains(scheduled, after.Conditions);
        Assert.Equal(Now, after.Conditions.Single(c => c.Type == "Ready").LastTransitionTime);
    }

    [Fact]
    public void Status_InBackOff_WaitsAndShowsTheLastEnd()
    {
        var end = new ContainerStateTerminated { ExitCode = 3, Reason = "Error", FinishedAt = Now };
        var status = Build(Running().With("c0", new ContainerLife { Run = Run() with { End = end }, Runs = 1, RestartDelay = TimeSpan.FromSeconds(80) }), null);
        var container = status.ContainerStatuses[0];
        Assert.Equal("CrashLoopBackOff", container.State!.Waiting!.Reason);
        Assert.Equal("back-off 1m20s restarting failed container=c0 pod=p_ns(uid-1)", container.State.Waiting.Message);
        Assert.Equal(end, container.LastState!.Terminated);
        Assert.Equal("Running", status.Phase);
    }

    [Theory]
    [InlineData("Never", 0, "Succeeded")]
    [InlineData("Never", 1, "Failed")]
    [InlineData("OnFailure", 0, "Succeeded")]
    [InlineData("OnFailure", 1, "Running")]
    [InlineData("Always", 0, "Running")]
    public void Phase_AfterTheEnd_FollowsTheRestartPolicy(string policy, int code, string phase)
    {
        var state = Running();
        state = state with { Pod = state.Pod with { Spec = state.Pod.Spec! with { RestartPolicy = policy } } };
        state = state.With("c0", state["c0"] with { Run = Run() with { End = new ContainerStateTerminated { ExitCode = code, FinishedAt = Now } } });
        Assert.Equal(phase, Build(state, null).Phase);
    }

    [Theory]
    [InlineData(1, "ErrImagePull", "no such image")]
    [InlineData(2, "ImagePullBackOff", "Back-off pulling image \"x\": no such image")]
    public void Status_OfAFailedPull_SaysSoFirstAndThenThatItIsRetried(int failures, string reason, string message)
    {
        var state = PodState.Of(PodSimulation.MakePod("Always", 0, 1), "boot", Now).With("c0", new ContainerLife { Hindrance = new Hindrance("ErrImagePull", "no such image", Now, failures) });
        var status = Build(state, null);
        Assert.Equal("Pending", status.Phase);
        Assert.Equal((reason, message), (status.ContainerStatuses[0].State!.Waiting!.Reason, status.ContainerStatuses[0].State!.Waiting!.Message));
    }

    [Fact]
    public void Status_OfAPodThatOthersEnded_StaysTheirs()
    {
        var before = new PodStatus { Phase = "Failed", Reason = "NodeLost" };
        Assert.Equal(before, Build(PodState.Of(PodSimulation.MakePod("Always", 0, 1), "boot", Now), before));
    }

    private static PodStatus Build(PodState state, PodStatus? before) => PodStatusBuilder.Build(state, before, "10.0.0.1", Now);

    private static ContainerRun Run() => new() { Id = "c0-0", Attempt = 0, Image = "x", ImageId = "y", Pid = 7, StartedAt = Now };

    private static PodState Running() =>
        (PodState.Of(PodSimulation.MakePod("Always", 0, 1), "boot", Now) with { Sandbox = new SandboxState { Stage = SandboxStage.Ready, PodIp = "10.1.0.2" } })
        .With("c0", new ContainerLife { Run = Run(), Runs = 1, Started = true, Ready = true });
}
