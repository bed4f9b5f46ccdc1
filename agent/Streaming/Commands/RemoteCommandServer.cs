using System.Net.WebSockets;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>Serves exec and attach: connects a client, over WebSocket or SPDY/3.1, to a process until one of them ends.</summary>
public sealed partial class RemoteCommandServer(ILogger<RemoteCommandServer> logger)
{
    private const int CopyBuffer = 32 * 1024;
    private static readonly TimeSpan ClosingTime = TimeSpan.FromSeconds(5);

    /// <summary>Upgrades the connection, starts the process, and copies. The application uses the WebSockets middleware.</summary>
    /// <param name="context">The request.</param>
    /// <param name="request">What it asks for.</param>
    /// <param name="start">Starts or finds the process; called once the client's streams are open. An exception's message is told to the client.</param>
    public async Task ServeAsync(HttpContext context, RemoteCommandRequest request, Func<CancellationToken, Task<IRemoteProcess>> start)
    {
        if (request is { Stdin: false, Stdout: false, Stderr: false })
        {
            await Upgrades.RefuseAsync(context, StatusCodes.Status400BadRequest, "you must specify at least 1 of stdin, stdout, stderr");
            return;
        }

        using var session = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        try
        {
            await using var transport = await UpgradeAsync(context, request, session.Token);
            if (transport is null)
                return;
            await RunAsync(transport, start, session);
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or InvalidDataException)
        {
            // The client is gone or talks nonsense: there is nobody left to tell.
            Log.SessionBroken(logger, context.Request.Path, e.Message);
        }
    }

    private static async Task<ICommandTransport?> UpgradeAsync(HttpContext context, RemoteCommandRequest request, CancellationToken cancellationToken)
    {
        if (context.WebSockets.IsWebSocketRequest)
        {
            var offered = context.WebSockets.WebSocketRequestedProtocols;
            var protocol = WebSocketCommandTransport.Protocols.FirstOrDefault(offered.Contains);
            if (protocol is null && offered.Count > 0)
            {
                await Upgrades.RefuseAsync(context, StatusCodes.Status400BadRequest, $"unable to upgrade: none of [{string.Join(' ', offered)}] is served");
                return null;
            }

            var socket = await context.WebSockets.AcceptWebSocketAsync(new WebSocketAcceptContext { SubProtocol = protocol, KeepAliveInterval = Upgrades.KeepAlive });
            return new WebSocketCommandTransport(socket, protocol ?? "");
        }

        var stream = await Upgrades.ToSpdyAsync(context, SpdyCommandTransport.Protocols);
        return stream is null ? null : await SpdyCommandTransport.OpenAsync(stream.Transport, stream.Protocol, request, cancellationToken);
    }

    private async Task RunAsync(ICommandTransport transport, Func<CancellationToken, Task<IRemoteProcess>> start, CancellationTokenSource session)
    {
        IRemoteProcess process;
        try
        {
            process = await start(session.Token);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            Log.StartFailed(logger, e);
            await transport.FinishAsync(new CommandOutcome(null, e.Message), session.Token);
            return;
        }

        await using (process)
        {
            var receiving = ReceiveAsync(transport, process, session);
            var outputs = Task.WhenAll(
                CopyAsync(process.Stdout, transport, OutputChannel.Stdout, session.Token),
                CopyAsync(process.Stderr, transport, OutputChannel.Stderr, session.Token));
            await outputs;
            var code = await process.WaitForExitAsync(session.Token);
            await transport.FinishAsync(new CommandOutcome(code, null), session.Token);
            // The client closes once it has read everything; cutting it off earlier could lose what is still on the way.
            session.CancelAfter(ClosingTime);
            await receiving;
        }
    }

    /// <summary>Takes the client's input; when the client goes away the session ends, whatever else it was doing.</summary>
    private async Task ReceiveAsync(ICommandTransport transport, IRemoteProcess process, CancellationTokenSource session)
    {
        try
        {
            await transport.ReceiveAsync(new TolerantInput(process.Stdin), size => ResizeAsync(process, size, session.Token), session.Token);
        }
        catch (Exception e) when (e is IOException or WebSocketException or OperationCanceledException or InvalidDataException or System.Text.Json.JsonException)
        {
            if (!session.IsCancellationRequested)
                Log.SessionBroken(logger, "receive", e.Message);
        }
        finally
        {
            await session.CancelAsync();
        }
    }

    private static async ValueTask ResizeAsync(IRemoteProcess process, TerminalSize size, CancellationToken cancellationToken)
    {
        try
        {
            await process.ResizeAsync(size, cancellationToken);
        }
        catch (IOException)
        {
            // The program has ended, and with it its terminal; what it said and how it ended are still on their way to the client.
        }
    }

    private static async Task CopyAsync(Stream output, ICommandTransport transport, OutputChannel channel, CancellationToken cancellationToken)
    {
        var buffer = new byte[CopyBuffer];
        int read;
        while ((read = await output.ReadAsync(buffer, cancellationToken)) > 0)
            await transport.SendAsync(channel, buffer.AsMemory(0, read), cancellationToken);
    }

    private static partial class Log
    {
        [LoggerMessage(3001, LogLevel.Debug, "Stream {Path} ended early: {Reason}")]
        public static partial void SessionBroken(ILogger logger, string path, string reason);

        [LoggerMessage(3002, LogLevel.Warning, "A remote command could not be started")]
        public static partial void StartFailed(ILogger logger, Exception exception);
    }
}
