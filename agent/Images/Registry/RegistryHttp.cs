using System.Net;

namespace ControlPlane.Agent.Images.Registry;

/// <summary>The HTTP connections to registries, shared by all pulls.</summary>
internal sealed class RegistryHttp : IDisposable
{
    private static readonly TimeSpan AnswerLimit = TimeSpan.FromSeconds(60);

    private readonly HttpClient _direct = new(Handler(useProxy: false)) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly HttpClient _default = new(Handler(useProxy: true)) { Timeout = Timeout.InfiniteTimeSpan };

    /// <summary>Unencrypted HTTP is spoken to this machine only.</summary>
    public static Uri BaseAddress(string registry)
    {
        var host = registry == "docker.io" ? "registry-1.docker.io" : registry;
        var secure = new Uri($"https://{host}");
        return IsLoopback(secure) ? new Uri($"http://{host}") : secure;
    }

    public static bool IsLoopback(Uri address) =>
        address.Host == "localhost" || (IPAddress.TryParse(address.Host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip));

    /// <summary>Whether credentials may be sent there.</summary>
    public static bool IsPrivate(Uri address) =>
        address.Scheme == Uri.UriSchemeHttps || (address.Scheme == Uri.UriSchemeHttp && IsLoopback(address));

    /// <summary>Returns when the headers are there; the body is read by the caller.</summary>
    /// <exception cref="TimeoutException">The registry does not answer.</exception>
    public async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(AnswerLimit);
        try
        {
            return await (IsLoopback(request.RequestUri!) ? _direct : _default)
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, deadline.Token);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"{request.RequestUri!.Authority} did not answer in time", e);
        }
    }

    public void Dispose()
    {
        _direct.Dispose();
        _default.Dispose();
    }

    private static SocketsHttpHandler Handler(bool useProxy) => new()
    {
        // Redirects are followed by hand: credentials must not follow them to another host.
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = useProxy,
        ConnectTimeout = TimeSpan.FromSeconds(15),
        ResponseDrainTimeout = TimeSpan.FromSeconds(2),
        PooledConnectionIdleTimeout = TimeSpan.FromSeconds(60),
        PooledConnectionLifetime = TimeSpan.FromMinutes(10),
    };
}
