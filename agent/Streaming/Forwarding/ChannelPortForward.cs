using System.Buffers.Binary;
using System.Globalization;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Agent.Streaming.Forwarding;

/// <summary>
/// Port-forward as WebSocket channels, for clients without SPDY: for the i-th of <c>?ports=</c> channel 2i carries data and 2i+1
/// errors, and the first message of each channel is the port, little-endian.
/// </summary>
internal static class ChannelPortForward
{
    private static readonly string[] Protocols = ["v4.channel.k8s.io", "v5.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io"];
    private const int MaximumPorts = 100;

    public static async Task ServeAsync(HttpContext context, ConnectToPort connect)
    {
        if (!TryReadPorts(context.Request.Query["ports"], out var ports))
        {
            await Upgrades.RefuseAsync(context, StatusCodes.Status400BadRequest, "query parameter \"ports\" is required: numbers from 1 to 65535, at most 100 of them");
            return;
        }

        var offered = context.WebSockets.WebSocketRequestedProtocols;
        using var socket = await context.WebSockets.AcceptWebSocketAsync(
            new WebSocketAcceptContext { SubProtocol = Protocols.FirstOrDefault(offered.Contains), KeepAliveInterval = Upgrades.KeepAlive });
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        using var sender = new Sender(socket);
        var targets = new Stream?[ports.Length];
        var pumps = new List<Task>();
        try
        {
            for (var i = 0; i < ports.Length; i++)
            {
                await sender.AnnounceAsync(i, ports[i], ended.Token);
                targets[i] = await ConnectAsync(connect, sender, i, ports[i], ended.Token);
                if (targets[i] is { } target)
                    pumps.Add(sender.PumpAsync(i, target, ended.Token));
            }

            await ReceiveAsync(socket, targets, ended.Token);
        }
        finally
        {
            await ended.CancelAsync();
            foreach (var target in targets)
            {
                if (target is not null)
                    await target.DisposeAsync();
            }

            await Task.WhenAll(pumps);
        }
    }

    private static bool TryReadPorts(Microsoft.Extensions.Primitives.StringValues values, out int[] ports)
    {
        var texts = values.SelectMany(static value => (value ?? "").Split(',')).ToArray();
        ports = new int[texts.Length];
        for (var i = 0; i < texts.Length; i++)
        {
            if (!ushort.TryParse(texts[i], NumberStyles.None, CultureInfo.InvariantCulture, out var port) || port == 0)
                return false;
            ports[i] = port;
        }

        return ports.Length is > 0 and <= MaximumPorts;
    }

    private static async Task<Stream?> ConnectAsync(ConnectToPort connect, Sender sender, int index, int port, CancellationToken cancellationToken)
    {
        try
        {
            return await connect(port, cancellationToken);
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            await sender.SendAsync((byte)((2 * index) + 1), Encoding.UTF8.GetBytes($"error forwarding port {port}: {e.Message}"), cancellationToken);
            return null;
        }
    }

    private static async Task ReceiveAsync(WebSocket socket, Stream?[] targets, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        var atStart = true;
        Stream? target = null;
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            var content = buffer.AsMemory(0, part.Count);
            if (atStart && part.Count > 0)
            {
                var channel = buffer[0];
                target = channel % 2 == 0 && channel / 2 < targets.Length ? targets[channel / 2] : null;
                content = content[1..];
            }

            if (target is not null && !content.IsEmpty)
                await target.WriteAsync(content, cancellationToken);
            atStart = part.EndOfMessage;
        }
    }

    /// <summary>One writer at a time, as a WebSocket wants it.</summary>
    private sealed class Sender(WebSocket socket) : IDisposable
    {
        private readonly SemaphoreSlim _sending = new(1, 1);

        public async Task AnnounceAsync(int index, int port, CancellationToken cancellationToken)
        {
            var bytes = new byte[2];
            BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)port);
            await SendAsync((byte)(2 * index), bytes, cancellationToken);
            await SendAsync((byte)((2 * index) + 1), bytes, cancellationToken);
        }

        public async Task SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            var message = new byte[1 + bytes.Length];
            message[0] = channel;
            bytes.CopyTo(message.AsMemory(1));
            await _sending.WaitAsync(cancellationToken);
            try
            {
                await socket.SendAsync(message, WebSocketMessageType.Binary, endOfMessage: true, cancellationToken);
            }
            finally
            {
                _sending.Release();
            }
        }

        public async Task PumpAsync(int index, Stream target, CancellationToken cancellationToken)
        {
            var buffer = new byte[32 * 1024];
            try
            {
                int read;
                while ((read = await target.ReadAsync(buffer, cancellationToken)) > 0)
                    await SendAsync((byte)(2 * index), buffer.AsMemory(0, read), cancellationToken);
            }
            catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or WebSocketException)
            {
                // The session ended while this direction was still open.
            }
        }

        public void Dispose() => _sending.Dispose();
    }
}
