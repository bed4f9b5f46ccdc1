using ControlPlane.Agent.Pods;

namespace ControlPlane.Agent.Tests.Node;

/// <summary>Properties of every pod's life, over many random ones; see <see cref="PodSimulation"/> for what is checked at each step.</summary>
public sealed class PodLifeTests
{
    private const int Lives = 400;

    [Fact]
    public void Life_WithFaultsAndRestarts_EndsWithNothingLeft()
    {
        for (var seed = 0; seed < Lives; seed++)
        {
            var random = new Random(seed);
            var simulation = new PodSimulation(seed);
            simulation.Begin(PodSimulation.MakePod(random.Next(3) switch { 0 => "Never", 1 => "OnFailure", _ => "Always" }, random.Next(3), 1 + random.Next(3)));
            simulation.Run(random.Next(200), disturb: true);
            simulation.Delete();
            simulation.Run(60, disturb: true);
            simulation.Run(400, disturb: false);
            Assert.True(simulation.Removed, $"seed {seed}: the deleted pod is still there: {simulation.State}");
        }
    }

    [Fact]
    public void Life_WithPolicyAlways_ReachesRunning()
    {
        for (var seed = 0; seed < Lives; seed++)
        {
            var simulation = new PodSimulation(seed);
            simulation.Begin(PodSimulation.MakePod("Always", seed % 3, 1 + (seed % 2)));
            simulation.Run(40, disturb: true);
            // Undisturbed it gets everything started, however unlucky it was before.
            for (var i = 0; i < 3000 && !simulation.State.Pod.Spec!.Containers.All(c => simulation.State[c.Name].Runs > 0); i++)
                simulation.Run(1, disturb: false);
            Assert.All(simulation.State.Pod.Spec!.Containers, c => Assert.True(simulation.State[c.Name].Runs > 0, $"seed {seed}: {c.Name} was never started"));
        }
    }

    [Fact]
    public void Life_WithPolicyNever_StartsEachContainerOnce()
    {
        for (var seed = 0; seed < Lives; seed++)
        {
            var simulation = new PodSimulation(seed);
            simulation.Begin(PodSimulation.MakePod("Never", 0, 2));
            simulation.Run(600, disturb: false);
            Assert.InRange(simulation.Starts, 1, 2);
        }
    }

    [Fact]
    public void Plan_OfItsOwnBegunActions_IsQuiet()
    {
        // What has been begun must not be begun again before its outcome is known.
        var now = DateTimeOffset.UnixEpoch;
        var state = PodState.Of(PodSimulation.MakePod("Always", 1, 2), "boot", now);
        var first = PodPlanner.Plan(state, now);
        Assert.Equal([new PodAction.SetUpSandbox(), new PodAction.EnsureImage("i0")], first.Actions);
        foreach (var action in first.Actions)
            state = PodTransitions.Begin(state, action);
        Assert.Empty(PodPlanner.Plan(state, now).Actions);
    }
}
