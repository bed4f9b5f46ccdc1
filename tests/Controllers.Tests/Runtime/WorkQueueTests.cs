using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Queueing;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class WorkQueueTests
{
    private static readonly ObjectKey A = new("ns", "a");
    private static readonly ObjectKey B = new("ns", "b");
    private readonly ManualTime _time = new();

    [Fact]
    public async Task Add_Twice_ComesOnce()
    {
        using var queue = new WorkQueue(_time);
        queue.Add(A);
        queue.Add(A);
        queue.Add(B);

        Assert.Equal([A, B], [await TakeAsync(queue), await TakeAsync(queue)]);
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public async Task Add_WhileTaken_ComesAgainOnlyAfterDone()
    {
        using var queue = new WorkQueue(_time);
        queue.Add(A);
        await TakeAsync(queue);

        queue.Add(A);
        queue.Add(A);
        Assert.Equal(0, queue.Depth);

        queue.Done(A);
        Assert.Equal(A, await TakeAsync(queue));
        queue.Done(A);
        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public void AddAfter_TimePasses_BecomesReadyThen()
    {
        using var queue = new WorkQueue(_time);
        queue.AddAfter(A, TimeSpan.FromSeconds(10));

        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(0, queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, queue.Depth);
    }

    [Fact]
    public void AddAfter_Again_ReplacesTheTime()
    {
        using var queue = new WorkQueue(_time);
        queue.AddAfter(A, TimeSpan.FromSeconds(1));
        queue.AddAfter(A, TimeSpan.FromSeconds(5));

        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, queue.Depth);
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(1, queue.Depth);
    }

    [Fact]
    public async Task AddAfter_ServedEarlier_DoesNotComeAgain()
    {
        using var queue = new WorkQueue(_time);
        queue.AddAfter(A, TimeSpan.FromSeconds(5));
        queue.Add(A);
        await TakeAsync(queue);
        queue.Done(A);

        _time.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(0, queue.Depth);
    }

    [Fact]
    public async Task AddFailed_InARow_WaitsLongerUntilForgotten()
    {
        using var queue = new WorkQueue(_time);
        var backoff = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)) { Random = static () => 0 };
        var delays = new List<double>();
        for (var i = 0; i < 5; i++)
        {
            queue.Add(A);
            await TakeAsync(queue);
            delays.Add(queue.AddFailed(A, backoff).Delay.TotalSeconds);
            queue.Done(A);
            _time.Advance(TimeSpan.FromSeconds(5));
            await TakeAsync(queue);
            queue.Done(A);
        }
        queue.Forget(A);

        Assert.Equal([1, 2, 4, 5, 5], delays);
        Assert.Equal(1, queue.AddFailed(A, backoff).Delay.TotalSeconds);
    }

    [Fact]
    public async Task Workers_ManyAndRandomAdds_NeverShareAKeyAndLoseNone()
    {
        using var queue = new WorkQueue(TimeProvider.System);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var keys = Enumerable.Range(0, 20).Select(static i => new ObjectKey("", "k" + i)).ToArray();
        var busy = new int[keys.Length];
        var wanted = new int[keys.Length];
        var served = new int[keys.Length];
        var shared = 0;
        var workers = Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            while (true)
            {
                var key = await queue.TakeAsync(stop.Token);
                var i = Array.IndexOf(keys, key);
                if (Interlocked.Increment(ref busy[i]) != 1)
                    Interlocked.Increment(ref shared);
                Volatile.Write(ref served[i], Volatile.Read(ref wanted[i]));
                await Task.Yield();
                Interlocked.Decrement(ref busy[i]);
                queue.Done(key);
            }
        })).ToArray();

        await Parallel.ForAsync(0, 20_000, stop.Token, (n, _) =>
        {
            var i = n * 7919 % keys.Length;
            Interlocked.Increment(ref wanted[i]);
            if (n % 3 == 0)
                queue.AddAfter(keys[i], TimeSpan.FromMilliseconds(1));
            queue.Add(keys[i]);
            return ValueTask.CompletedTask;
        });

        // Every key was served after it was last wanted.
        Assert.True(SpinWait.SpinUntil(() => keys.Select((_, i) => Volatile.Read(ref served[i]) == Volatile.Read(ref wanted[i])).All(static x => x), TimeSpan.FromSeconds(20)));
        Assert.Equal(0, shared);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Task.WhenAll(workers));
    }

    private static async Task<ObjectKey> TakeAsync(WorkQueue queue)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        return await queue.TakeAsync(limit.Token);
    }
}
