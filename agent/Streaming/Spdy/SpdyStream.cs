using System.IO.Pipelines;

namespace ControlPlane.Agent.Streaming.Spdy;

/// <summary>One stream that the peer opened: bytes both ways, each half closed on its own.</summary>
internal sealed class SpdyStream
{
    // A reader that is slow holds back the whole connection once this much waits: bounded memory, as the Go implementation does.
    private static readonly PipeOptions Bounded = new(pauseWriterThreshold: 256 * 1024, resumeWriterThreshold: 64 * 1024, useSynchronizationContext: false);

    private readonly SpdyConnection _connection;
    private readonly Pipe _incoming = new(Bounded);
    private int _finished;

    internal SpdyStream(SpdyConnection connection, int id, IReadOnlyDictionary<string, string> headers)
    {
        _connection = connection;
        Id = id;
        Headers = headers;
        Incoming = _incoming.Reader.AsStream();
    }

    /// <summary>Odd: the peer chose it.</summary>
    public int Id { get; }

    /// <summary>What the peer opened it with.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; }

    /// <summary>What the peer sends, up to its half-close.</summary>
    public Stream Incoming { get; }

    /// <summary>Sends bytes.</summary>
    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => _connection.SendDataAsync(Id, bytes, last: false, cancellationToken);

    /// <summary>Closes our half; once.</summary>
    public ValueTask FinishAsync(CancellationToken cancellationToken) =>
        Interlocked.Exchange(ref _finished, 1) == 0 ? _connection.SendDataAsync(Id, ReadOnlyMemory<byte>.Empty, last: true, cancellationToken) : ValueTask.CompletedTask;

    /// <summary>Called by the connection's reader.</summary>
    internal async ValueTask ReceiveAsync(ReadOnlyMemory<byte> bytes, bool last, CancellationToken cancellationToken)
    {
        if (!bytes.IsEmpty)
            await _incoming.Writer.WriteAsync(bytes, cancellationToken);
        if (last)
            await _incoming.Writer.CompleteAsync();
    }

    /// <summary>The stream or its connection is gone.</summary>
    internal void Abort(Exception? reason) => _incoming.Writer.Complete(reason);
}
