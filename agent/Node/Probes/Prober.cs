using System.Net.Sockets;
using System.Text;
using ControlPlane.Agent.Shim.Contract;
using ControlPlane.Agent.Shims;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Probes;

/// <summary>Makes single checks.</summary>
internal sealed class Prober : IDisposable
{
    private const int MessageLimit = 4096;

    private readonly HttpClient _http = CreateHttpClient();

    /// <summary>Checks once. Whatever goes wrong with the check is a failure of the check.</summary>
    public async Task<ProbeResult> CheckAsync(Probe probe, ProbeTarget target, CancellationToken cancellation)
    {
        var limit = TimeSpan.FromSeconds(probe.TimeoutSeconds ?? 1);
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        timeout.CancelAfter(limit);
        try
        {
            return probe switch
            {
                { HttpGet: { } http } => await HttpAsync(http, target, timeout.Token),
                { TcpSocket: { } tcp } => await TcpAsync(tcp, target, timeout.Token),
                { Exec: { } exec } => await ExecAsync(exec, target, timeout.Token),
                _ => ProbeResult.Failed("the probe has no action"),
            };
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return ProbeResult.Failed($"no answer within {limit.TotalSeconds:0.###} s");
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or ShimException or ShimUnavailableException or IOException)
        {
            return ProbeResult.Failed(e.Message);
        }
    }

    public void Dispose() => _http.Dispose();

    private static HttpClient CreateHttpClient()
    {
        var handler = new SocketsHttpHandler
        {
            // A check asks whether a new client would be served, so it never uses an old connection.
            PooledConnectionLifetime = TimeSpan.Zero,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
#pragma warning disable CA5359 // A probe asks whether the pod answers; its certificate is its clients' to judge. Kubernetes does the same.
            SslOptions = { RemoteCertificateValidationCallback = static (_, _, _, _) => true },
#pragma warning restore CA5359
        };
        var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.ParseAdd("controlplane-probe/1");
        return client;
    }

    private async Task<ProbeResult> HttpAsync(HttpGetAction action, ProbeTarget target, CancellationToken cancellation)
    {
        if (target.Port(action.Port) is not { } port)
            return ProbeResult.Failed($"the container has no port named {action.Port}");
        var scheme = string.Equals(action.Scheme, "HTTPS", StringComparison.OrdinalIgnoreCase) ? "https" : "http";
        var path = action.Path ?? "/";
        var address = $"{scheme}://{action.Host ?? target.PodIp}:{port}{(path.StartsWith('/') ? path : "/" + path)}";
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        foreach (var header in action.HttpHeaders)
        {
            if (header.Name.Equals("Host", StringComparison.OrdinalIgnoreCase))
                request.Headers.Host = header.Value;
            else
                request.Headers.TryAddWithoutValidation(header.Name, header.Value);
        }

        using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellation);
        var status = (int)response.StatusCode;
        return status is >= 200 and < 400 ? ProbeResult.Passed : ProbeResult.Failed($"HTTP probe failed with statuscode: {status}");
    }

    private static async Task<ProbeResult> TcpAsync(TcpSocketAction action, ProbeTarget target, CancellationToken cancellation)
    {
        if (target.Port(action.Port) is not { } port)
            return ProbeResult.Failed($"the container has no port named {action.Port}");
        using var client = new TcpClient { LingerState = new LingerOption(true, 0) };
        await client.ConnectAsync(action.Host ?? target.PodIp, port, cancellation);
        return ProbeResult.Passed;
    }

    private static async Task<ProbeResult> ExecAsync(ExecAction action, ProbeTarget target, CancellationToken cancellation)
    {
        using var session = await target.Shim.ExecAsync(new ExecRequest { Id = target.RunId, Args = action.Command }, cancellation);
        var output = new StringBuilder();
        while (true)
        {
            var piece = await session.ReadAsync(cancellation);
            if (piece.Exit is { } exit)
                return exit.ExitCode == 0 ? ProbeResult.Passed : ProbeResult.Failed(output.Length > 0 ? output.ToString().TrimEnd() : $"exit code {exit.ExitCode}");
            if (output.Length < MessageLimit)
                output.Append(Encoding.UTF8.GetString(piece.Data.Span[..Math.Min(piece.Data.Length, MessageLimit - output.Length)]));
        }
    }
}
