using ControlPlane.Api.Client;
using ControlPlane.Controllers.Leadership;

namespace ControlPlane.Controllers;

/// <summary>A controller's client: writes only while this process leads, and remembers what it wrote.</summary>
internal sealed class ControllerApiClient(IApiClient inner, string controller, Term term, WriteTracker writes) : IApiClient
{
    public async Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken)
    {
        if (!request.IsWrite)
            return await inner.SendAsync<T>(request, cancellationToken).ConfigureAwait(false);
        if (!term.IsHeld)
            throw new LeadershipLostException(controller);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, term.Ended);
        try
        {
            var answer = await inner.SendAsync<T>(request, linked.Token).ConfigureAwait(false);
            writes.Wrote(request, answer);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LeadershipLostException(controller);
        }
    }

    public IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ApiRequest request, CancellationToken cancellationToken) where T : class =>
        inner.WatchAsync<T>(request, cancellationToken);
}
