using ControlPlane.Agent.Pods;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Agent.Tests.Node;

public sealed class PodStoreTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cp-podstore-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void Save_AndLoad_KeepsWhatSurvivesAnAgent()
    {
        var store = new PodStore(_root, NullLogger<PodStore>.Instance);
        var state = Example();
        store.Save(state, store.Serialize(state));

        var loaded = Assert.Single(store.LoadAll());

        Assert.Equal("uid-1", loaded.Uid);
        Assert.Equal(SandboxStage.Ready, loaded.Sandbox.Stage);
        var life = loaded["c0"];
        Assert.Equal(2, life.Run!.Attempt);
        Assert.Equal(3, life.Runs);
        Assert.Equal(TimeSpan.FromMilliseconds(1500), life.RestartDelay);
        Assert.Equal(state["c0"].Run!.StartedAt, life.Run.StartedAt);
        Assert.Equal("Error", life.LastEnd!.Reason);
        Assert.True(life.Ready);
    }

    [Fact]
    public void Save_AndLoad_ForgetsWorkInFlight()
    {
        var life = RoundTrip(Example().With("c0", Example()["c0"] with { Busy = true, Image = ImageStage.Preparing }))["c0"];
        Assert.False(life.Busy);
        Assert.Equal(ImageStage.Unknown, life.Image);
    }

    [Fact]
    public void Load_OfDamagedState_MakesItRemains()
    {
        var store = new PodStore(_root, NullLogger<PodStore>.Instance);
        var paths = store.PathsOf("uid-2");
        Directory.CreateDirectory(paths.Root);
        File.WriteAllText(paths.State, "{ \"pod\": ");

        Assert.Empty(store.LoadAll());
        Assert.Equal([paths.Root], store.Remains());
    }

    [Fact]
    public void Remove_LeavesNothing()
    {
        var store = new PodStore(_root, NullLogger<PodStore>.Instance);
        var state = Example();
        store.Save(state, store.Serialize(state));
        store.Remove("uid-1");
        Assert.Empty(store.LoadAll());
        Assert.Empty(store.Remains());
    }

    internal static PodState RoundTrip(PodState state)
    {
        var root = Directory.CreateTempSubdirectory("cp-podstore-").FullName;
        try
        {
            var store = new PodStore(root, NullLogger<PodStore>.Instance);
            store.Save(state, store.Serialize(state));
            return store.LoadAll().Single();
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static PodState Example()
    {
        var now = new DateTimeOffset(2030, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1234567);
        var state = PodState.Of(PodSimulation.MakePod("Always", 0, 1), "boot", now) with { Sandbox = new SandboxState { Stage = SandboxStage.Ready, PodIp = "10.0.0.2" } };
        return state.With("c0", new ContainerLife
        {
            Run = new ContainerRun { Id = "c0-2", Attempt = 2, Image = "x", ImageId = "y", Pid = 7, StartedAt = now },
            Runs = 3,
            LastEnd = new() { ExitCode = 3, Reason = "Error", FinishedAt = now },
            RestartDelay = TimeSpan.FromMilliseconds(1500),
            Ready = true,
            Started = true,
        });
    }
}
