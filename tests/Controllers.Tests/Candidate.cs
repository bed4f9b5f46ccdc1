using System.Threading.Channels;
using ControlPlane.Api.Client;
using ControlPlane.Controllers.Leadership;

namespace ControlPlane.Controllers.Tests;

/// <summary>A process that wants to lead.</summary>
internal sealed class Candidate
{
    private readonly Channel<Term> _terms = Channel.CreateUnbounded<Term>();
    private readonly CancellationTokenSource _stop = new();
    private readonly FreezableClient _client;
    private readonly ManualTime.View _time;
    private readonly Task _election;
    private volatile Term? _term;
    private volatile bool _leads;

    public Candidate(string name, LeaderElector elector, FreezableClient client, ManualTime.View time)
    {
        Name = name;
        _client = client;
        _time = time;
        _election = Task.Run(() => elector.RunAsync(LeadAsync, _stop.Token));
    }

    public string Name { get; }

    public int Terms { get; private set; }

    public bool Holds => _term?.IsHeld == true;

    /// <summary>It waits for the clock (a leader for its next renewal and the end of its term), or for an answer that does not come.</summary>
    public bool IsIdle => _election.IsCompleted || _client.IsHanging || _time.PendingTimers >= (_leads ? 2 : 1);

    /// <summary>Its requests neither succeed nor fail.</summary>
    public bool IsFrozen
    {
        set => _client.IsFrozen = value;
    }

    public async Task<Term> NextTermAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _terms.Reader.ReadAsync(limit.Token);
    }

    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _election.WaitAsync(TimeSpan.FromSeconds(20)));
    }

    private async Task LeadAsync(Term term, CancellationToken cancellationToken)
    {
        Terms++;
        _term = term;
        _leads = true;
        _terms.Writer.TryWrite(term);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        finally
        {
            _leads = false;
        }
    }
}

/// <summary>A client whose requests can be made to hang.</summary>
internal sealed class FreezableClient(IApiClient inner) : IApiClient
{
    public volatile bool IsFrozen;
    private int _hanging;

    public bool IsHanging => Volatile.Read(ref _hanging) > 0;

    public async Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken)
    {
        if (IsFrozen)
            await HangAsync(cancellationToken);
        return await inner.SendAsync<T>(request, cancellationToken);
    }

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ApiRequest request, CancellationToken cancellationToken) where T : class =>
        inner.WatchAsync<T>(request, cancellationToken);

    private async Task HangAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _hanging);
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _hanging);
        }
    }
}
