namespace ControlPlane.Api.Server.Hosting;

/// <summary>The stages of a stop: not ready any more → new requests are told to come back → watches end → the process ends.</summary>
internal sealed class ServerLifetime : IDisposable
{
    private readonly CancellationTokenSource _watches = new();
    private volatile bool _isStopping;
    private volatile bool _isDraining;

    /// <summary>Whether the server has begun to stop: it reports not ready but serves.</summary>
    public bool IsStopping => _isStopping;

    /// <summary>Whether new requests are refused.</summary>
    public bool IsDraining => _isDraining;

    /// <summary>Fires when watches are to end.</summary>
    public CancellationToken WatchesEnd => _watches.Token;

    public async Task StopAsync(TimeSpan delay, TimeProvider time)
    {
        _isStopping = true;
        if (delay > TimeSpan.Zero)
            await Task.Delay(delay, time);
        _isDraining = true;
        await _watches.CancelAsync();
    }

    public void Dispose() => _watches.Dispose();
}
