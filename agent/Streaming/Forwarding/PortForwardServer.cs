using System.Globalization;
using System.Net.WebSockets;
using System.Text;
using ControlPlane.Agent.Streaming.Spdy;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Streaming.Forwarding;

/// <summary>Opens a connection to a port inside the pod.</summary>
public delegate Task<Stream> ConnectToPort(int port, CancellationToken cancellationToken);

/// <summary>
/// Serves port-forward: SPDY/3.1, SPDY/3.1 tunnelled in a WebSocket (<c>SPDY/3.1+portforward.k8s.io</c>), and the older WebSocket
/// channels with <c>?ports=</c>. In SPDY each forwarded connection is a pair of streams with headers <c>streamType: error|data</c>,
/// <c>port</c> and <c>requestID</c>.
/// </summary>
public sealed partial class PortForwardServer(ILogger<PortForwardServer> logger)
{
    private const string SpdyProtocol = "portforward.k8s.io";
    private const string TunnelProtocol = "SPDY/3.1+portforward.k8s.io";

    /// <summary>Upgrades the connection and forwards until the client goes away. The application uses the WebSockets middleware.</summary>
    public async Task ServeAsync(HttpContext context, ConnectToPort connect)
    {
        try
        {
            if (!context.WebSockets.IsWebSocketRequest)
            {
                if (await Upgrades.ToSpdyAsync(context, [SpdyProtocol]) is { } upgraded)
                    await ServeSpdyAsync(upgraded.Transport, connect, context.RequestAborted);
                return;
            }

            if (context.WebSockets.WebSocketRequestedProtocols.Contains(TunnelProtocol))
            {
                using var tunnel = await Upgrades.ToWebSocketAsync(context, TunnelProtocol);
                await ServeSpdyAsync(WebSocketStream.Create(tunnel, WebSocketMessageType.Binary, ownsWebSocket: true), connect, context.RequestAborted);
                return;
            }

            await ChannelPortForward.ServeAsync(context, connect);
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException)
        {
            Log.SessionBroken(logger, e.Message);
        }
    }

    private async Task ServeSpdyAsync(Stream transport, ConnectToPort connect, CancellationToken cancellationToken)
    {
        await using var connection = new SpdyConnection(transport);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = connection.RunAsync(ended.Token);
        var waiting = new Dictionary<string, SpdyStream>();
        var forwards = new List<Task>();
        await foreach (var stream in connection.Opened.ReadAllAsync(cancellationToken))
        {
            // The two streams of a pair come in either order.
            var request = stream.Headers.GetValueOrDefault("requestID", stream.Id.ToString(CultureInfo.InvariantCulture));
            if (!waiting.Remove(request, out var other))
            {
                waiting[request] = stream;
                continue;
            }

            var (error, data) = stream.Headers.GetValueOrDefault("streamType") == "data" ? (other, stream) : (stream, other);
            forwards.RemoveAll(static forward => forward.IsCompletedSuccessfully);
            forwards.Add(ForwardAsync(connection, error, data, connect, ended));
        }

        await ended.CancelAsync();
        await Task.WhenAll(forwards);
        await reading;
    }

    private async Task ForwardAsync(SpdyConnection connection, SpdyStream error, SpdyStream data, ConnectToPort connect, CancellationTokenSource ended)
    {
        try
        {
            await PumpAsync(error, data, connect, ended.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            Log.SessionBroken(logger, e.Message);
        }
        finally
        {
            connection.Forget(error);
            connection.Forget(data);
        }
    }

    private async Task PumpAsync(SpdyStream error, SpdyStream data, ConnectToPort connect, CancellationToken cancellationToken)
    {
        var text = data.Headers.GetValueOrDefault("port", "");
        Stream target;
        try
        {
            if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                throw new IOException($"\"{text}\" is no port");
            target = await connect(port, cancellationToken);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.ConnectFailed(logger, text, e.Message);
            await error.WriteAsync(Encoding.UTF8.GetBytes($"error forwarding port {text}: {e.Message}"), cancellationToken);
            await error.FinishAsync(cancellationToken);
            await data.FinishAsync(cancellationToken);
            return;
        }

        await using (target)
        {
            await Task.WhenAll(ToPodAsync(data, target, cancellationToken), FromPodAsync(data, target, cancellationToken));
        }

        await error.FinishAsync(cancellationToken);
    }

    private static async Task ToPodAsync(SpdyStream data, Stream target, CancellationToken cancellationToken)
    {
        await data.Incoming.CopyToAsync(target, cancellationToken);
        // Half-close, so that the program sees the end of its input and can still answer.
        if (target is System.Net.Sockets.NetworkStream { Socket: var socket })
            socket.Shutdown(System.Net.Sockets.SocketShutdown.Send);
    }

    private static async Task FromPodAsync(SpdyStream data, Stream target, CancellationToken cancellationToken)
    {
        var buffer = new byte[32 * 1024];
        int read;
        while ((read = await target.ReadAsync(buffer, cancellationToken)) > 0)
            await data.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
        await data.FinishAsync(cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(3011, LogLevel.Debug, "A port-forward ended early: {Reason}")]
        public static partial void SessionBroken(ILogger logger, string reason);

        [LoggerMessage(3012, LogLevel.Information, "Port {Port} could not be forwarded: {Reason}")]
        public static partial void ConnectFailed(ILogger logger, string port, string reason);
    }
}
