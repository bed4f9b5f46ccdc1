using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Hosting;
using ControlPlane.Controllers.Leadership;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class LeaderElectorTests : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);

    private readonly ManualTime _time = new();
    private readonly LeaseServer _server = new();
    private readonly RuntimeMetrics _metrics = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Candidate> _candidates = [];

    public void Dispose()
    {
        _metrics.Dispose();
        _stop.Dispose();
    }

    [Fact]
    public async Task RunAsync_FreeLease_LeadsAndRenews()
    {
        var a = Start("a");
        var term = await a.NextTermAsync();
        var first = _server.Stored!.Spec!.RenewTime;

        await PassAsync(TimeSpan.FromSeconds(60));

        Assert.True(term.IsHeld);
        Assert.Equal("a", _server.Stored!.Spec!.HolderIdentity);
        Assert.NotEqual(first, _server.Stored.Spec.RenewTime);
        await a.StopAsync();
    }

    [Fact]
    public async Task RunAsync_HeldByAnother_WaitsUntilItRunsOut()
    {
        var a = Start("a");
        await a.NextTermAsync();
        var b = Start("b");

        await PassAsync(TimeSpan.FromSeconds(40));
        Assert.Equal("a", _server.Stored!.Spec!.HolderIdentity);

        a.IsFrozen = true;
        await PassAsync(TimeSpan.FromSeconds(20));
        var term = await b.NextTermAsync();
        Assert.True(term.IsHeld);
        Assert.Equal(1, _server.Stored!.Spec!.LeaseTransitions);
        await b.StopAsync();
    }

    [Fact]
    public async Task RunAsync_CutOff_StopsBeforeOthersMayLead()
    {
        var a = Start("a");
        var term = await a.NextTermAsync();
        var lastRenewed = _time.Now;

        _server.IsCut = true;
        while (term.IsHeld && _time.Now - lastRenewed < TimeSpan.FromSeconds(30))
            await PassAsync(TimeSpan.FromSeconds(0.5));

        Assert.False(term.IsHeld);
        Assert.True(term.Ended.IsCancellationRequested);
        Assert.InRange(_time.Now - lastRenewed, TimeSpan.FromSeconds(6), TimeSpan.FromSeconds(14));

        _server.IsCut = false;
        await PassAsync(TimeSpan.FromSeconds(5));
        Assert.True((await a.NextTermAsync()).IsHeld);
        await a.StopAsync();
    }

    [Fact]
    public async Task RunAsync_ShortCut_KeepsLeading()
    {
        var a = Start("a");
        var term = await a.NextTermAsync();
        _server.IsCut = true;
        await PassAsync(TimeSpan.FromSeconds(6));
        _server.IsCut = false;
        await PassAsync(TimeSpan.FromSeconds(30));

        Assert.True(term.IsHeld);
        await a.StopAsync();
    }

    [Fact]
    public async Task RunAsync_RenewalAnswerLost_KeepsLeading()
    {
        var a = Start("a");
        var term = await a.NextTermAsync();
        _server.LosesAnswers = true;
        await PassAsync(TimeSpan.FromSeconds(5));
        _server.LosesAnswers = false;
        await PassAsync(TimeSpan.FromSeconds(30));

        Assert.True(term.IsHeld);
        await a.StopAsync();
    }

    [Fact]
    public async Task RunAsync_Stopped_ReleasesForTheNext()
    {
        var a = Start("a");
        await a.NextTermAsync();
        await a.StopAsync();
        Assert.Equal("", _server.Stored!.Spec!.HolderIdentity ?? "");

        var b = Start("b");
        Assert.True((await b.NextTermAsync()).IsHeld);
        await b.StopAsync();
    }

    [Fact]
    public async Task RunAsync_WorkFails_EndsWithItsFailure()
    {
        var elector = Elector("a", _server, _time);
        var failure = await Assert.ThrowsAsync<InvalidOperationException>(() =>
            elector.RunAsync(static (_, _) => Task.FromException(new InvalidOperationException("broken")), _stop.Token).WaitAsync(Deadline));

        Assert.Equal("broken", failure.Message);
    }

    [Fact]
    public async Task RunAsync_RandomCuts_NeverTwoAtOnce()
    {
        var random = new Random(4711);
        var candidates = Enumerable.Range(0, 3).Select(i => Start("c" + i)).ToList();
        for (var step = 0; step < 400; step++)
        {
            if (random.Next(10) == 0)
                _server.IsCut = !_server.IsCut;
            candidates[random.Next(candidates.Count)].IsFrozen = random.Next(4) == 0;
            await PassAsync(TimeSpan.FromSeconds(random.NextDouble() * 3));
            Assert.True(candidates.Count(static c => c.Holds) <= 1, $"step {step}: {string.Join(", ", candidates.Where(static c => c.Holds).Select(static c => c.Name))} lead at once");
        }
        Assert.Contains(candidates, static c => c.Terms > 0);
    }

    // What a step of the clock sets off runs on the pool: the next step waits for it.
    private async Task PassAsync(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(0.25))
        {
            _time.Advance(TimeSpan.FromSeconds(0.25));
            using var limit = new CancellationTokenSource(Deadline);
            while (!_candidates.All(static c => c.IsIdle))
                await Task.Delay(1, limit.Token);
        }
    }

    private Candidate Start(string name)
    {
        var time = _time.CreateView();
        var client = new FreezableClient(_server);
        var candidate = new Candidate(name, Elector(name, client, time), client, time);
        _candidates.Add(candidate);
        return candidate;
    }

    private LeaderElector Elector(string name, IApiClient client, TimeProvider time) =>
        new(client, new ObjectKey("kube-system", "controlplane-x"), name, new LeaseOptions(), time, _metrics, NullLogger.Instance);
}
