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
    private readonly Task _election;
    private volatile Term? _term;

    public Candidate(string name, LeaderElector elector, FreezableClient client)
    {
        Name = name;
        _client = client;
        _election = Task.Run(() => elector.RunAsync(LeadAsync, _stop.Token));
    }

    public string Name { get; }

    public int Terms { get; private set; }

    public bool Holds => _term?.IsHeld == true;

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
        _terms.Writer.TryWrite(term);
        await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
    }
}

/// <summary>A client whose requests can be made to hang.</summary>
internal sealed class FreezableClient(IApiClient inner) : IApiClient
{
    public volatile bool IsFrozen;

    public async Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken)
    {
        if (IsFrozen)
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken);
        return await inner.SendAsync<T>(request, cancellationToken);
    }

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ApiRequest request, CancellationToken cancellationToken) where T : class =>
        inner.WatchAsync<T>(request, cancellationToken);
}
