namespace ControlPlane.Agent.Images;

/// <summary>
/// Runs work once per key however many ask for it at the same time. The work stops when the last one asking has gone,
/// and that one waits until it has stopped.
/// </summary>
internal sealed class SingleFlight<TKey, TResult>
    where TKey : notnull
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TKey, Flight> _flights = [];

    public async Task<TResult> RunAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellation)
    {
        var flight = await JoinAsync(key, work, cancellation);
        try
        {
            return await flight.Result.WaitAsync(cancellation);
        }
        finally
        {
            await LeaveAsync(flight);
        }
    }

    private async Task<Flight> JoinAsync(TKey key, Func<CancellationToken, Task<TResult>> work, CancellationToken cancellation)
    {
        while (true)
        {
            Task abandoned;
            lock (_gate)
            {
                if (!_flights.TryGetValue(key, out var flight))
                {
                    _flights[key] = flight = new Flight();
                    flight.Result = Task.Run(() => FlyAsync(key, flight, work), CancellationToken.None);
                }

                if (!flight.Stop.IsCancellationRequested)
                {
                    flight.Waiters++;
                    return flight;
                }

                abandoned = flight.Result;
            }

            await abandoned.ContinueWith(static _ => { }, cancellation, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task<TResult> FlyAsync(TKey key, Flight flight, Func<CancellationToken, Task<TResult>> work)
    {
        try
        {
            return await work(flight.Stop.Token);
        }
        finally
        {
            lock (_gate)
                _flights.Remove(key);
        }
    }

    private async Task LeaveAsync(Flight flight)
    {
        lock (_gate)
        {
            if (--flight.Waiters > 0)
                return;
            flight.Stop.Cancel();
        }

        await ((Task)flight.Result).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        flight.Stop.Dispose();
    }

    private sealed class Flight
    {
        public CancellationTokenSource Stop { get; } = new();

        public Task<TResult> Result { get; set; } = null!;

        // Guarded by _gate.
        public int Waiters { get; set; }
    }
}
