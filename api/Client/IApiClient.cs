namespace ControlPlane.Api.Client;

/// <summary>
/// The way to the API. Two methods, so that it is easily decorated (fenced, tracked, counted);
/// the operations by kind are extension methods: <see cref="TypedOperations"/> for records,
/// <see cref="DynamicOperations"/> for JSON trees and metadata.
/// </summary>
public interface IApiClient
{
    /// <summary>Sends a request and reads the answer. 429 and 5xx answers with Retry-After are retried.</summary>
    /// <exception cref="ApiException">The server refused.</exception>
    /// <exception cref="ApiUnreachableException">No complete answer came; a write may or may not have happened.</exception>
    Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a watch request and reads its events until the server ends the stream.
    /// An error that the server reports within the stream is thrown.
    /// </summary>
    /// <exception cref="ApiException">The server refused, or ended the stream with an error; see <see cref="ApiException.IsExpired"/>.</exception>
    /// <exception cref="ApiUnreachableException">The connection failed.</exception>
    IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ApiRequest request, CancellationToken cancellationToken) where T : class;
}
