using ControlPlane.Agent.Pods;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Tests.Node;

/// <summary>Rules of a pod's end; what holds for every life is in <see cref="PodLifeTests"/>.</summary>
public sealed class PodPlannerTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Plan_OfADeletedPod_StopsAtOnceAndKillsAtTheDeadline()
    {
        var state = Settle(Deleted(Running(), 30));
        Assert.Equal(Now.AddSeconds(30), state.Stop!.Deadline);
        Assert.Equal(Now.AddSeconds(30), state["c0"].KillAt);

        Assert.Empty(PodPlanner.Plan(state, Now.AddSeconds(29)).Actions);
        Assert.Equal([new PodAction.KillContainer("c0")], PodPlanner.Plan(state, Now.AddSeconds(30)).Actions);
    }

    [Fact]
    public void Plan_OfASecondDeletionWithShorterGrace_HastensTheEnd()
    {
        var state = Settle(Deleted(Running(), 30));
        state = Settle(Deleted(state, 1));
        Assert.Equal(Now.AddSeconds(1), state.Stop!.Deadline);
        Assert.Equal([new PodAction.KillContainer("c0")], PodPlanner.Plan(state, Now.AddSeconds(1)).Actions);
    }

    [Fact]
    public void Plan_OfALongerGraceThanBefore_ChangesNothing() =>
        Assert.Equal(Now.AddSeconds(5), Settle(Deleted(Settle(Deleted(Running(), 5)), 60)).Stop!.Deadline);

    [Fact]
    public void Plan_AfterTheActiveDeadline_EndsThePodAsFailed()
    {
        var state = Running();
        state = state with { Pod = state.Pod with { Spec = state.Pod.Spec! with { ActiveDeadlineSeconds = 60 } } };
        Assert.Equal(Now.AddSeconds(60), PodPlanner.Plan(state, Now).NextLook);

        var plan = PodPlanner.Plan(state, Now.AddSeconds(60));

        var stop = Assert.IsType<PodAction.BeginStop>(Assert.Single(plan.Actions)).Stop;
        Assert.Equal("DeadlineExceeded", stop.Reason);
    }

    [Fact]
    public void Plan_OfAPodThatOthersDeclaredFailed_EndsWhatRuns()
    {
        var state = Running();
        state = Settle(state with { Pod = state.Pod with { Status = new PodStatus { Phase = "Failed", Reason = "NodeLost" } } });
        Assert.Equal("NodeLost", state.Stop!.Reason);
        Assert.NotNull(state["c0"].KillAt);
    }

    [Fact]
    public void Plan_OfAFinishedPodSeenForTheFirstTime_StartsNothing()
    {
        var state = PodState.Of(PodSimulation.MakePod("Always", 0, 1) with { Status = new PodStatus { Phase = "Succeeded" } }, "boot", Now);
        Assert.Empty(PodPlanner.Plan(state, Now).Actions);
    }

    [Fact]
    public void Plan_OfAnUnhealthyContainer_StopsOnlyThat()
    {
        var state = Running(containers: 2);
        state = state.With("c0", state["c0"] with { Unhealthy = "liveness" });
        var stop = Assert.IsType<PodAction.StopContainer>(Assert.Single(PodPlanner.Plan(state, Now).Actions));
        Assert.Equal(("c0", Now.AddSeconds(5)), (stop.Container, stop.KillAt));
    }

    [Fact]
    public void Plan_AfterTheClockWasSetBack_DoesNotWaitForTheOldTime()
    {
        var state = Running();
        var end = new ContainerStateTerminated { ExitCode = 1, FinishedAt = Now.AddHours(1) };
        state = state.With("c0", state["c0"] with { Run = state["c0"].Run! with { End = end, Cleaned = true }, RestartDelay = TimeSpan.FromSeconds(300) });
        Assert.Equal([new PodAction.EnsureImage("c0")], PodPlanner.Plan(state, Now).Actions);
    }

    private static PodState Deleted(PodState state, long grace) => state with
    {
        Pod = state.Pod with { Metadata = state.Pod.Metadata with { DeletionTimestamp = Now.AddSeconds(grace), DeletionGracePeriodSeconds = grace } },
    };

    private static PodState Settle(PodState state)
    {
        while (PodPlanner.Plan(state, Now) is { Actions.Count: > 0 } plan)
            state = plan.Actions.Aggregate(state, PodTransitions.Begin);
        return state;
    }

    private static PodState Running(int containers = 1)
    {
        var state = PodState.Of(PodSimulation.MakePod("Always", 0, containers), "boot", Now) with { Sandbox = new SandboxState { Stage = SandboxStage.Ready, PodIp = "10.1.0.2" } };
        for (var i = 0; i < containers; i++)
        {
            var run = new ContainerRun { Id = $"c{i}-0", Attempt = 0, Image = "x", ImageId = "y", Pid = 7, StartedAt = Now };
            state = state.With($"c{i}", new ContainerLife { Run = run, Runs = 1, Started = true, Ready = true });
        }

        return state;
    }
}
