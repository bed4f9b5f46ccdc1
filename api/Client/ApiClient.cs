using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ControlPlane.Api.Client.Transport;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Api.Client;

/// <summary>Talks HTTP/2 (or 1.1) to one API server. Thread-safe; share one per process.</summary>
public sealed class ApiClient : IApiClient, IDisposable
{
    private const int MaxRetries = 10;

    private readonly ClientConfig _config;
    private readonly TimeProvider _time;
    private readonly HttpClient _http;
    // A server behind a gateway may have a path of its own in its address.
    private readonly string _pathPrefix;
    private readonly BearerToken _token;
    private readonly ClientMetrics _metrics = new();

    /// <summary>Connects on first use.</summary>
    /// <exception cref="ClientConfigException">A certificate or key of the configuration is wrong.</exception>
    public ApiClient(ClientConfig config, TimeProvider? time = null)
    {
        _config = config;
        _time = time ?? TimeProvider.System;
        _pathPrefix = config.Server.AbsolutePath.TrimEnd('/');
        _http = HttpTransport.Create(config);
        _token = new BearerToken(config, _time);
    }

    /// <summary>What it was made from.</summary>
    public ClientConfig Config => _config;

    /// <inheritdoc/>
    public async Task<T> SendAsync<T>(ApiRequest request, CancellationToken cancellationToken)
    {
        for (var attempt = 0; ; attempt++)
        {
            ApiException refusal;
            using (var deadline = new CancellationTokenSource(_config.RequestTimeout, _time))
            using (var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token))
            {
                try
                {
                    using var response = await SendOnceAsync(request, linked.Token).ConfigureAwait(false);
                    if (response.IsSuccessStatusCode)
                        return await ReadAsync<T>(response, linked.Token).ConfigureAwait(false);
                    refusal = await ReadRefusalAsync(response, linked.Token).ConfigureAwait(false);
                }
                catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
                {
                    throw new ApiUnreachableException(request, new TimeoutException($"no answer within {_config.RequestTimeout.TotalSeconds} s"));
                }
                catch (Exception e) when (e is HttpRequestException or IOException)
                {
                    throw new ApiUnreachableException(request, e);
                }
            }
            if (!refusal.IsTransient || refusal.RetryAfter is not { } wait || attempt == MaxRetries)
                throw refusal;
            await Task.Delay(wait + Jitter(wait), _time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<WatchEvent<T>> WatchAsync<T>(ApiRequest request, [EnumeratorCancellation] CancellationToken cancellationToken) where T : class
    {
        using var response = await OpenWatchAsync(request, cancellationToken).ConfigureAwait(false);
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            var events = WatchReader.ReadAsync<T>(stream, cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (events.ConfigureAwait(false))
            {
                while (await MoveNextAsync(events, request).ConfigureAwait(false))
                    yield return events.Current;
            }
        }
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _http.Dispose();
        _metrics.Dispose();
    }

    private async Task<HttpResponseMessage> OpenWatchAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var deadline = new CancellationTokenSource(_config.RequestTimeout, _time);
        using var linked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            var response = await SendOnceAsync(request, linked.Token).ConfigureAwait(false);
            if (response.IsSuccessStatusCode)
                return response;
            using (response)
                throw await ReadRefusalAsync(response, linked.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ApiUnreachableException(request, new TimeoutException($"no answer within {_config.RequestTimeout.TotalSeconds} s"));
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiUnreachableException(request, e);
        }
    }

    private static async ValueTask<bool> MoveNextAsync<T>(IAsyncEnumerator<WatchEvent<T>> events, ApiRequest request) where T : class
    {
        try
        {
            return await events.MoveNextAsync().ConfigureAwait(false);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new ApiUnreachableException(request, e);
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        using var message = new HttpRequestMessage(request.Method, _pathPrefix + request.Target)
        {
            Version = _http.DefaultRequestVersion,
            VersionPolicy = _http.DefaultVersionPolicy,
        };
        message.Headers.TryAddWithoutValidation("Accept", request.Accept);
        message.Headers.TryAddWithoutValidation("User-Agent", _config.UserAgent);
        if (_token.Current is { } token)
            message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        if (!request.Body.IsEmpty)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("Content-Type", request.ContentType ?? MediaTypes.Json);
        }
        var started = _time.GetTimestamp();
        var code = "<error>";
        try
        {
            var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
            code = ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
            if (response.StatusCode == HttpStatusCode.Unauthorized)
                _token.Refused();
            return response;
        }
        finally
        {
            _metrics.Record(request.Method.Method, code, _config.Server.Authority, _time.GetElapsedTime(started));
        }
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            return await JsonSerializer.DeserializeAsync<T>(stream, ApiJson.Options, cancellationToken).ConfigureAwait(false)
                ?? throw new JsonException($"null is no {typeof(T).Name}.");
        }
    }

    private static async Task<ApiException> ReadRefusalAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken).ConfigureAwait(false);
        var retryAfter = response.Headers.RetryAfter?.Delta;
        return new ApiException(ParseStatus(body) ?? PlainStatus(response.StatusCode, body), retryAfter);
    }

    // Proxies and load balancers answer without a Status.
    private static Status? ParseStatus(byte[] body)
    {
        try
        {
            return ApiJson.Deserialize<Status>(body) is { Kind: "Status", Code: not null } status ? status : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Status PlainStatus(HttpStatusCode code, byte[] body) => new()
    {
        Outcome = "Failure",
        Code = (int)code,
        Reason = code switch
        {
            HttpStatusCode.NotFound => StatusReason.NotFound,
            HttpStatusCode.Conflict => StatusReason.Conflict,
            HttpStatusCode.Gone => StatusReason.Gone,
            HttpStatusCode.TooManyRequests => StatusReason.TooManyRequests,
            HttpStatusCode.ServiceUnavailable => StatusReason.ServiceUnavailable,
            _ => null,
        },
        Message = $"HTTP {(int)code}: {Encoding.UTF8.GetString(body.AsSpan(0, Math.Min(body.Length, 1024)))}",
    };

    // Clients that were refused together must not come back together.
    private static TimeSpan Jitter(TimeSpan wait) => (wait + TimeSpan.FromMilliseconds(20)) * (0.25 * Random.Shared.NextDouble());
}
