using ControlPlane.Api.Client;

namespace ControlPlane.Controllers;

/// <summary>Writes about different objects, several at once: one that fails does not keep the others from happening.</summary>
/// <param name="cancellationToken">Stops all.</param>
public sealed class IndependentWrites(CancellationToken cancellationToken)
{
    private const int AtOnce = 16;

    private Exception? _firstFailure;

    /// <summary>Writes about each item; failures of the API are remembered.</summary>
    public Task RunAsync<T>(IReadOnlyCollection<T> items, Func<T, CancellationToken, Task> write)
    {
        if (items.Count == 0)
            return Task.CompletedTask;
        var options = new ParallelOptions { MaxDegreeOfParallelism = AtOnce, CancellationToken = cancellationToken };
        return Parallel.ForEachAsync(items, options, async (item, token) =>
        {
            try
            {
                await write(item, token).ConfigureAwait(false);
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException)
            {
                Interlocked.CompareExchange(ref _firstFailure, e, null);
            }
        });
    }

    /// <summary>Throws the first failure if there was one, so that the reconciler is called again.</summary>
    public void ThrowIfFailed()
    {
        if (_firstFailure is { } failure)
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }
}
