using ControlPlane.Agent.Images;

namespace ControlPlane.Agent.Tests.Images;

public sealed class SingleFlightTests
{
    private readonly SingleFlight<string, int> _flights = new();

    [Fact]
    public async Task Run_SameKeyAtOnce_WorksOnce()
    {
        var runs = 0;
        var release = new TaskCompletionSource();
        var calls = Enumerable.Range(0, 20).Select(_ => _flights.RunAsync("a", WorkAsync, CancellationToken.None)).ToList();
        release.SetResult();

        Assert.All(await Task.WhenAll(calls), result => Assert.Equal(7, result));
        Assert.Equal(1, runs);
        Assert.Equal(7, await _flights.RunAsync("a", WorkAsync, CancellationToken.None));
        Assert.Equal(2, runs);

        async Task<int> WorkAsync(CancellationToken cancellation)
        {
            Interlocked.Increment(ref runs);
            await release.Task;
            return 7;
        }
    }

    [Fact]
    public async Task Run_OneOfTwoGivesUp_TheOtherGetsTheResult()
    {
        var release = new TaskCompletionSource();
        using var impatience = new CancellationTokenSource();
        var impatient = _flights.RunAsync("a", WorkAsync, impatience.Token);
        var patient = _flights.RunAsync("a", WorkAsync, CancellationToken.None);

        await impatience.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        release.SetResult();

        Assert.Equal(1, await patient);

        async Task<int> WorkAsync(CancellationToken cancellation)
        {
            await release.Task.WaitAsync(cancellation);
            return 1;
        }
    }

    [Fact]
    public async Task Run_AllGiveUp_StopsTheWorkBeforeANewOneStarts()
    {
        TaskCompletionSource started = new(), stopping = new(), release = new();
        using var impatience = new CancellationTokenSource();
        var first = _flights.RunAsync("a", WorkAsync, impatience.Token);
        await started.Task;
        await impatience.CancelAsync();
        await stopping.Task;

        var overlapped = false;
        var second = _flights.RunAsync(
            "a",
            _ =>
            {
                overlapped = !release.Task.IsCompleted;
                return Task.FromResult(2);
            },
            CancellationToken.None);
        Assert.False(first.IsCompleted);
        release.SetResult();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(2, await second);
        Assert.False(overlapped);

        async Task<int> WorkAsync(CancellationToken cancellation)
        {
            started.SetResult();
            await Task.Delay(Timeout.Infinite, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            stopping.SetResult();
            await release.Task;
            cancellation.ThrowIfCancellationRequested();
            return 0;
        }
    }

    [Fact]
    public async Task Run_WorkFails_EverybodyHearsIt()
    {
        var release = new TaskCompletionSource();
        var calls = Enumerable.Range(0, 3).Select(_ => _flights.RunAsync("a", WorkAsync, CancellationToken.None)).ToList();
        release.SetResult();

        foreach (var call in calls)
            Assert.Equal("broken", (await Assert.ThrowsAsync<IOException>(() => call)).Message);

        async Task<int> WorkAsync(CancellationToken cancellation)
        {
            await release.Task;
            throw new IOException("broken");
        }
    }
}
