using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using Google.Protobuf;

namespace ControlPlane.Api.Storage.Etcd.Transport;

/// <summary>Calls to the members of one cluster: the one that answered last, and the next one when it stops answering.</summary>
internal sealed class EtcdConnection : IDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(50);
    private readonly EtcdStoreOptions _options;
    private readonly HttpMessageInvoker _http;
    private int _current;

    public EtcdConnection(EtcdStoreOptions options)
    {
        _options = options;
        _http = new HttpMessageInvoker(CreateHandler(options), disposeHandler: true);
    }

    public Uri Endpoint => _options.Endpoints[Volatile.Read(ref _current) % _options.Endpoints.Count];

    /// <summary>Turns to the next member, unless somebody has done so already.</summary>
    public void Abandon(Uri endpoint)
    {
        int current = Volatile.Read(ref _current);
        if (_options.Endpoints[current % _options.Endpoints.Count] == endpoint)
        {
            Interlocked.CompareExchange(ref _current, (current + 1) % _options.Endpoints.Count, current);
        }
    }

    /// <summary>
    /// One request, one answer. A <paramref name="repeatable"/> call is tried on every member until the time is over; any other only as
    /// long as it certainly never arrived.
    /// </summary>
    public async Task<TResponse> CallAsync<TResponse>(string path, IMessage request, MessageParser<TResponse> parser, bool repeatable, CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse>
    {
        byte[] frame = GrpcWire.Frame(request);
        long deadline = Environment.TickCount64 + (long)_options.RequestTimeout.TotalMilliseconds;
        while (true)
        {
            Uri endpoint = Endpoint;
            TimeSpan left = TimeSpan.FromMilliseconds(Math.Max(1, deadline - Environment.TickCount64));
            try
            {
                TimeSpan patience = repeatable && _options.Endpoints.Count > 1 ? left / 2 : left;
                return await TryCallAsync(endpoint, path, frame, parser, patience, cancellationToken).ConfigureAwait(false);
            }
            catch (GrpcException e) when (e.Status is GrpcStatus.Unavailable or GrpcStatus.DeadlineExceeded)
            {
                Abandon(endpoint);
                if (Environment.TickCount64 + (2 * RetryPause.TotalMilliseconds) >= deadline || !(repeatable || e.NeverSent))
                {
                    throw;
                }
            }

            await Task.Delay(RetryPause * (0.5 + Random.Shared.NextDouble()), cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Opens a stream in both directions and returns when the server has begun to answer.</summary>
    public async Task<HttpResponseMessage> OpenStreamAsync(Uri endpoint, string path, HttpContent content, CancellationToken cancellationToken)
    {
        try
        {
            // The invoker hands the response over as soon as its headers are there.
            return await _http.SendAsync(GrpcWire.Request(endpoint, path, content), cancellationToken).ConfigureAwait(false);
        }
        catch (HttpRequestException e)
        {
            throw Translate(endpoint, e);
        }
    }

    public void Dispose() => _http.Dispose();

    private static GrpcException Translate(Uri endpoint, HttpRequestException e) => new(GrpcStatus.Unavailable, $"etcd at {endpoint.Authority}: {e.Message}", e)
    {
        NeverSent = e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
    };

    private static SocketsHttpHandler CreateHandler(EtcdStoreOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            ConnectTimeout = TimeSpan.FromSeconds(2),
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            // A silent connection is found dead within 15 s; etcd takes pings every 5 s as abuse.
            KeepAlivePingDelay = TimeSpan.FromSeconds(10),
            KeepAlivePingTimeout = TimeSpan.FromSeconds(5),
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            InitialHttp2StreamWindowSize = 1024 * 1024,
            EnableMultipleHttp2Connections = true,
            UseProxy = false,
            AllowAutoRedirect = false,
        };
        if (options.ClientCertificate is { } certificate)
        {
            handler.SslOptions.ClientCertificates = [certificate];
            handler.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate;
        }

        if (options.CertificateAuthorities is { } authorities)
        {
            handler.SslOptions.CertificateChainPolicy = TrustOnly(authorities);
        }

        return handler;
    }

    private static X509ChainPolicy TrustOnly(X509Certificate2Collection authorities)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return policy;
    }

    private async Task<TResponse> TryCallAsync<TResponse>(
        Uri endpoint, string path, byte[] frame, MessageParser<TResponse> parser, TimeSpan patience, CancellationToken cancellationToken)
        where TResponse : class, IMessage<TResponse>
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(patience);
        try
        {
            using HttpRequestMessage request = GrpcWire.Request(endpoint, path, new ByteArrayContent(frame));
            using HttpResponseMessage response = await _http.SendAsync(request, timeout.Token).ConfigureAwait(false);
            await using Stream body = await response.Content.ReadAsStreamAsync(timeout.Token).ConfigureAwait(false);
            TResponse? message = await GrpcWire.ReadAsync(body, parser, timeout.Token).ConfigureAwait(false);
            while (await body.ReadAsync(new byte[1], timeout.Token).ConfigureAwait(false) > 0)
            {
                // One message is all a unary call has; the trailers come after the end.
            }

            GrpcWire.ThrowUnlessOk(response);
            return message ?? throw new GrpcException(GrpcStatus.Internal, $"etcd at {endpoint.Authority} answered OK without a message.");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new GrpcException(GrpcStatus.DeadlineExceeded, $"etcd at {endpoint.Authority} did not answer within {patience.TotalSeconds:0.#} s.");
        }
        catch (HttpRequestException e)
        {
            throw Translate(endpoint, e);
        }
        catch (IOException e)
        {
            throw new GrpcException(GrpcStatus.Unavailable, $"etcd at {endpoint.Authority}: {e.Message}", e);
        }
    }
}
