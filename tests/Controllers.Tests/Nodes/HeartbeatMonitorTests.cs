using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Values;
using ControlPlane.Controllers.Nodes;
using static ControlPlane.Controllers.Tests.Nodes.NodeFactory;

namespace ControlPlane.Controllers.Tests.Nodes;

public sealed class HeartbeatMonitorTests
{
    private readonly HeartbeatMonitor _monitor = new(TimeSpan.Zero);

    [Fact]
    public void Observe_RenewedLease_EndsTheSilence()
    {
        Assert.Equal(0, Silence(0, renewal: 1));
        Assert.Equal(8, Silence(8, renewal: 1));
        Assert.Equal(0, Silence(9, renewal: 2));
        Assert.Equal(3, Silence(12, renewal: 2));
    }

    [Fact]
    public void Observe_LeaseOfTheFuture_CountsByOurClock()
    {
        Silence(0, renewal: 1_000_000);

        Assert.Equal(20, Silence(20, renewal: 1_000_000));
    }

    [Fact]
    public void Observe_RecreatedNode_StartsAfresh()
    {
        Silence(0, renewal: 1);
        var again = Node("a");
        again = again with { Metadata = again.Metadata with { Uid = "other" } };

        Assert.Equal(TimeSpan.Zero, _monitor.Observe(again, Lease(1), At(50)).Silence);
    }

    [Fact]
    public void Observe_OurOwnUnknown_IsNoSignOfLife()
    {
        Silence(0, renewal: 1);

        Assert.Equal(TimeSpan.FromSeconds(20), _monitor.Observe(Node("a", "Unknown"), Lease(1), At(20)).Silence);
    }

    [Fact]
    public void Observe_AgentContradictsUnknown_Lives()
    {
        _monitor.Observe(Node("a"), Lease(1), At(0));
        _monitor.Observe(Node("a", "Unknown"), Lease(1), At(20));

        Assert.Equal(TimeSpan.Zero, _monitor.Observe(Node("a", "True"), Lease(1), At(25)).Silence);
    }

    [Fact]
    public void NeedsConfirmation_NothingComesIn_AsksFirst()
    {
        Assert.False(_monitor.NeedsConfirmation("1", At(1)));
        Assert.False(_monitor.NeedsConfirmation("1", At(7)));
        Assert.True(_monitor.NeedsConfirmation("1", At(9)));
        Assert.False(_monitor.NeedsConfirmation("2", At(9)));
    }

    [Fact]
    public void Confirm_AfterBlindness_GivesAllAFreshStart()
    {
        _monitor.NeedsConfirmation("1", At(0));
        Silence(0, renewal: 1);

        // The server was away for a minute: nobody could renew, or nobody could show us.
        Assert.False(_monitor.NeedsConfirmation("2", At(60)));

        Assert.Equal(1, Silence(61, renewal: 1));
    }

    [Fact]
    public void Confirm_InTime_KeepsCounting()
    {
        Silence(0, renewal: 1);
        for (var second = 1; second <= 30; second++)
        {
            if (_monitor.NeedsConfirmation("1", At(second)))
                _monitor.Confirm(At(second));
        }

        Assert.Equal(30, Silence(30, renewal: 1));
    }

    [Fact]
    public void Observe_NotReady_CountsSinceItWasReady()
    {
        _monitor.Observe(Node("a", "True"), null, At(10));

        Assert.Equal(TimeSpan.FromSeconds(15), _monitor.Observe(Node("a", "False"), null, At(25)).NotReadyFor);
    }

    private static TimeSpan At(double seconds) => TimeSpan.FromSeconds(seconds);

    private static Lease Lease(int renewal) => new() { Spec = new LeaseSpec { RenewTime = new MicroTime(ManualTime.Start.AddSeconds(renewal)) } };

    private double Silence(double now, int renewal) => _monitor.Observe(Node("a"), Lease(renewal), At(now)).Silence.TotalSeconds;
}
