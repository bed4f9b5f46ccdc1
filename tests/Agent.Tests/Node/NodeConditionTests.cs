using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Reporting;

namespace ControlPlane.Agent.Tests.Node;

public sealed class NodeConditionTests
{
    private static readonly DateTimeOffset Now = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly NodePressure Free = new(1L << 30, new FileSystemUsage(1000 << 20, 500 << 20, 1000, 500), 100, 1000);

    [Fact]
    public void Conditions_OfAHealthyNode_AreReadyWithoutPressure()
    {
        var conditions = NodeStatusBuilder.Conditions([], Free, [], Now);
        Assert.Equal(["MemoryPressure=False", "DiskPressure=False", "PIDPressure=False", "Ready=True"], conditions.Select(c => $"{c.Type}={c.Status}"));
    }

    [Fact]
    public void Conditions_OfANodeWithoutRuntime_SayWhatIsMissing()
    {
        var ready = NodeStatusBuilder.Conditions(["runc is missing", "no range"], Free, [], Now).Single(c => c.Type == "Ready");
        Assert.Equal(("False", "KubeletNotReady", "runc is missing; no range"), (ready.Status, ready.Reason, ready.Message));
    }

    [Fact]
    public void Conditions_UnderPressure_NameIt()
    {
        var tight = new NodePressure(50 << 20, new FileSystemUsage(1000 << 20, 50 << 20, 1000, 500), 990, 1000);
        Assert.Equal(["MemoryPressure", "DiskPressure", "PIDPressure"], tight.Conditions().Where(c => c.Status == "True").Select(c => c.Type));
    }

    [Fact]
    public void Conditions_KeepTheTimeOfTheirLastChange()
    {
        var before = NodeStatusBuilder.Conditions([], Free, [], Now);
        var after = NodeStatusBuilder.Conditions(["runc is missing"], Free, before, Now.AddMinutes(1));
        Assert.Equal(Now.AddMinutes(1), after.Single(c => c.Type == "Ready").LastTransitionTime);
        Assert.Equal(Now, after.Single(c => c.Type == "DiskPressure").LastTransitionTime);
    }
}
