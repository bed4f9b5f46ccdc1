using System.Buffers.Text;
using System.Net.WebSockets;
using System.Text.Json;

namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>
/// Streams as messages of a WebSocket. The first byte of a message is its channel: 0 stdin, 1 stdout, 2 stderr, 3 status, 4 terminal
/// size. Protocol v5 adds <c>FF 00</c>: stdin is closed. In base64 protocols the channel is a digit and the rest is base64 text.
/// </summary>
internal sealed class WebSocketCommandTransport(WebSocket socket, string protocol) : ICommandTransport
{
    private const byte Stdin = 0, Status = 3, Resize = 4, Close = 255;
    private const int MaximumMessage = 1 << 20;

    /// <summary>What is offered, best first. The empty name is what clients get that offer nothing.</summary>
    public static readonly string[] Protocols =
    [
        "v5.channel.k8s.io", "v4.channel.k8s.io", "v3.channel.k8s.io", "v2.channel.k8s.io", "channel.k8s.io",
        "v4.base64.channel.k8s.io", "base64.channel.k8s.io",
    ];

    private readonly bool _base64 = protocol.Contains("base64", StringComparison.Ordinal);
    private readonly bool _hasStatus = protocol.StartsWith("v4.", StringComparison.Ordinal) || protocol.StartsWith("v5.", StringComparison.Ordinal);
    private readonly bool _hasClose = protocol.StartsWith("v5.", StringComparison.Ordinal);
    private readonly SemaphoreSlim _sending = new(1, 1);

    public async Task ReceiveAsync(Stream stdin, Func<TerminalSize, ValueTask> resize, CancellationToken cancellationToken)
    {
        var buffer = new byte[64 * 1024];
        using var message = new MemoryStream();
        while (true)
        {
            var part = await socket.ReceiveAsync(buffer.AsMemory(), cancellationToken);
            if (part.MessageType == WebSocketMessageType.Close)
                return;
            message.Write(buffer, 0, part.Count);
            if (message.Length > MaximumMessage)
                throw new InvalidDataException($"A message of more than {MaximumMessage} bytes.");
            if (!part.EndOfMessage)
                continue;
            await DispatchAsync(Decode(message.GetBuffer().AsMemory(0, (int)message.Length)), stdin, resize, cancellationToken);
            message.SetLength(0);
        }
    }

    public async ValueTask SendAsync(OutputChannel channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) =>
        await SendAsync((byte)channel, bytes, cancellationToken);

    public async ValueTask FinishAsync(CommandOutcome outcome, CancellationToken cancellationToken)
    {
        var status = _hasStatus ? outcome.ToStatus() : outcome.ToText();
        if (status.Length > 0)
            await SendAsync(Status, status, cancellationToken);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, cancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        _sending.Dispose();
        return ValueTask.CompletedTask;
    }

    private async ValueTask DispatchAsync(
        ReadOnlyMemory<byte> message, Stream stdin, Func<TerminalSize, ValueTask> resize, CancellationToken cancellationToken)
    {
        // Some clients open each channel with an empty message.
        if (message.IsEmpty)
            return;
        var content = message[1..];
        switch (message.Span[0])
        {
            case Stdin when !content.IsEmpty:
                await stdin.WriteAsync(content, cancellationToken);
                await stdin.FlushAsync(cancellationToken);
                break;
            case Resize when !content.IsEmpty:
                await resize(JsonSerializer.Deserialize<TerminalSize>(content.Span));
                break;
            case Close when _hasClose && content.Length == 1 && content.Span[0] == Stdin:
                await stdin.DisposeAsync();
                break;
            default:
                break;
        }
    }

    private ReadOnlyMemory<byte> Decode(Memory<byte> message)
    {
        if (!_base64 || message.IsEmpty)
            return message;
        var decoded = new byte[1 + Base64.GetMaxDecodedFromUtf8Length(message.Length - 1)];
        decoded[0] = (byte)(message.Span[0] - '0');
        if (Base64.DecodeFromUtf8(message.Span[1..], decoded.AsSpan(1), out _, out var length) != System.Buffers.OperationStatus.Done)
            throw new InvalidDataException("A message is not base64.");
        return decoded.AsMemory(0, 1 + length);
    }

    private async ValueTask SendAsync(byte channel, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        var message = new byte[1 + (_base64 ? Base64.GetMaxEncodedToUtf8Length(bytes.Length) : bytes.Length)];
        if (_base64)
        {
            message[0] = (byte)('0' + channel);
            Base64.EncodeToUtf8(bytes.Span, message.AsSpan(1), out _, out _);
        }
        else
        {
            message[0] = channel;
            bytes.CopyTo(message.AsMemory(1));
        }

        await _sending.WaitAsync(cancellationToken);
        try
        {
            var type = _base64 ? WebSocketMessageType.Text : WebSocketMessageType.Binary;
            await socket.SendAsync(message, type, endOfMessage: true, cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }
}
