using System.Buffers;
using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Threading.Channels;

namespace ControlPlane.Agent.Streaming.Spdy;

/// <summary>
/// The server's side of a SPDY/3.1 connection as Kubernetes clients use it: the client opens streams, nobody pushes, and there is no
/// flow control beyond TCP's (neither does the Go implementation have any).
/// <code>
/// control frame: 1 | version 3 (15) | type (16) | flags (8) | length (24)
/// data frame:    0 | stream id (31)             | flags (8) | length (24)
/// </code>
/// </summary>
internal sealed class SpdyConnection : IAsyncDisposable
{
    private const int FrameHeaderLength = 8;
    private const int MaximumFrameLength = 1 << 20;
    private const int MaximumStreams = 1024;
    private const byte FlagFin = 1;
    private const ushort SynStream = 1, SynReply = 2, RstStream = 3, Ping = 6, GoAway = 7;
    private static readonly Dictionary<string, string> NoHeaders = [];

    private readonly Stream _transport;
    private readonly SpdyHeaderDecoder _decoder = new();
    private readonly SpdyHeaderEncoder _encoder = new();
    private readonly SemaphoreSlim _sending = new(1, 1);
    private readonly ConcurrentDictionary<int, SpdyStream> _streams = new();
    private readonly Channel<SpdyStream> _opened = Channel.CreateBounded<SpdyStream>(MaximumStreams);
    private int _lastStream;

    public SpdyConnection(Stream transport) => _transport = transport;

    /// <summary>Streams in the order the client opened them; ends with the connection.</summary>
    public ChannelReader<SpdyStream> Opened => _opened.Reader;

    /// <summary>Reads frames until the client closes the connection. Returns on a clean end; throws on a broken one.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            await ReadFramesAsync(cancellationToken);
        }
        catch (Exception e)
        {
            failure = e;
            throw;
        }
        finally
        {
            _opened.Writer.TryComplete();
            foreach (var stream in _streams.Values)
                stream.Abort(failure is null or OperationCanceledException ? null : failure);
        }
    }

    /// <summary>Tells the client that no more streams are taken.</summary>
    public ValueTask SendGoAwayAsync(CancellationToken cancellationToken)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, _lastStream);
        return SendControlAsync(GoAway, payload, cancellationToken);
    }

    /// <summary>Forgets a stream whose both halves are done.</summary>
    public void Forget(SpdyStream stream) => _streams.TryRemove(stream.Id, out _);

    /// <summary>Closes the transport.</summary>
    public async ValueTask DisposeAsync()
    {
        await _transport.DisposeAsync();
        _decoder.Dispose();
        _sending.Dispose();
    }

    internal async ValueTask SendDataAsync(int stream, ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellationToken)
    {
        var header = new byte[FrameHeaderLength];
        BinaryPrimitives.WriteInt32BigEndian(header, stream);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), bytes.Length);
        header[4] = last ? FlagFin : (byte)0;
        await SendAsync(header, bytes, cancellationToken);
    }

    private async Task ReadFramesAsync(CancellationToken cancellationToken)
    {
        var header = new byte[FrameHeaderLength];
        var payload = ArrayPool<byte>.Shared.Rent(64 * 1024);
        try
        {
            while (await ReadWholeAsync(header, mayEnd: true, cancellationToken))
            {
                var length = BinaryPrimitives.ReadInt32BigEndian(header.AsSpan(4)) & 0xFFFFFF;
                if (length > MaximumFrameLength)
                    throw new SpdyProtocolException($"A frame of {length} bytes: more than {MaximumFrameLength}.");
                if (length > payload.Length)
                {
                    ArrayPool<byte>.Shared.Return(payload);
                    payload = ArrayPool<byte>.Shared.Rent(length);
                }

                await ReadWholeAsync(payload.AsMemory(0, length), mayEnd: false, cancellationToken);
                await DispatchAsync(header, payload.AsMemory(0, length), cancellationToken);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(payload);
        }
    }

    private async ValueTask DispatchAsync(byte[] header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var fin = (header[4] & FlagFin) != 0;
        if ((header[0] & 0x80) == 0)
        {
            var id = BinaryPrimitives.ReadInt32BigEndian(header);
            // Data for a stream that is gone was on its way; drop it.
            if (_streams.TryGetValue(id, out var stream))
                await stream.ReceiveAsync(payload, fin, cancellationToken);
            return;
        }

        switch (BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(2)))
        {
            case SynStream:
                await OpenAsync(payload, fin, cancellationToken);
                break;
            case RstStream when payload.Length >= 8:
                if (_streams.TryRemove(BinaryPrimitives.ReadInt32BigEndian(payload.Span), out var reset))
                    reset.Abort(null);
                break;
            case Ping:
                // Ours are even and we send none; the client's come back as they are.
                await SendControlAsync(Ping, payload.ToArray(), cancellationToken);
                break;
            default:
                // SETTINGS, HEADERS, WINDOW_UPDATE, GOAWAY: nothing to do without flow control and push.
                break;
        }
    }

    private async ValueTask OpenAsync(ReadOnlyMemory<byte> payload, bool fin, CancellationToken cancellationToken)
    {
        const int FixedLength = 10;
        if (payload.Length < FixedLength)
            throw new SpdyProtocolException("A SYN_STREAM frame is too short.");
        var id = BinaryPrimitives.ReadInt32BigEndian(payload.Span) & int.MaxValue;
        // The frame's buffer is reused; the decoder may keep what it has not inflated yet.
        var headers = _decoder.Decode(payload[FixedLength..].ToArray());
        if (id <= _lastStream || id % 2 == 0)
            throw new SpdyProtocolException($"Stream {id} after stream {_lastStream}.");
        _lastStream = id;
        var stream = new SpdyStream(this, id, headers);
        if (_streams.Count >= MaximumStreams || !_streams.TryAdd(id, stream) || !_opened.Writer.TryWrite(stream))
            throw new SpdyProtocolException($"More than {MaximumStreams} streams are open.");
        if (fin)
            await stream.ReceiveAsync(ReadOnlyMemory<byte>.Empty, last: true, cancellationToken);

        var reply = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(reply, id);
        await SendControlAsync(SynReply, [.. reply, .. _encoder.Encode(NoHeaders)], cancellationToken);
    }

    private ValueTask SendControlAsync(ushort type, byte[] payload, CancellationToken cancellationToken)
    {
        var header = new byte[FrameHeaderLength];
        BinaryPrimitives.WriteUInt16BigEndian(header, 0x8003);
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), type);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), payload.Length);
        return SendAsync(header, payload, cancellationToken);
    }

    private async ValueTask SendAsync(byte[] header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        await _sending.WaitAsync(cancellationToken);
        try
        {
            await _transport.WriteAsync(header, cancellationToken);
            if (!payload.IsEmpty)
                await _transport.WriteAsync(payload, cancellationToken);
            await _transport.FlushAsync(cancellationToken);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Fills the buffer. False at a clean end before its first byte.</summary>
    private async ValueTask<bool> ReadWholeAsync(Memory<byte> buffer, bool mayEnd, CancellationToken cancellationToken)
    {
        var read = await _transport.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        if (read == buffer.Length)
            return true;
        return read == 0 && mayEnd ? false : throw new SpdyProtocolException("The connection ended within a frame.");
    }
}
