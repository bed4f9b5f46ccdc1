namespace ControlPlane.Api.Server.Streaming;

/// <summary>The parts of a stream that a body has: it is read, forwards, asynchronously.</summary>
internal abstract class ReadOnlyStream : Stream
{
    public sealed override bool CanRead => true;
    public sealed override bool CanSeek => false;
    public sealed override bool CanWrite => false;
    public sealed override long Length => throw new NotSupportedException();
    public sealed override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
    public sealed override void Flush() => throw new NotSupportedException();
    public sealed override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    public sealed override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
    public sealed override void SetLength(long value) => throw new NotSupportedException();
    public sealed override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public sealed override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public abstract override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default);
}

/// <summary>Bytes that are here already, then those of a stream.</summary>
internal sealed class JoinedStream(ReadOnlyMemory<byte> first, Stream then) : ReadOnlyStream
{
    private ReadOnlyMemory<byte> _first = first;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_first.IsEmpty)
            return await then.ReadAsync(buffer, cancellationToken);
        var count = Math.Min(buffer.Length, _first.Length);
        _first[..count].CopyTo(buffer);
        _first = _first[count..];
        return count;
    }
}

/// <summary>The first bytes of a stream.</summary>
internal sealed class BoundedStream(Stream source, long length) : ReadOnlyStream
{
    private long _left = length;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0)
            return 0;
        var read = await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        _left -= read;
        return read > 0 ? read : throw new IOException("the body ended early");
    }
}

/// <summary>A body in chunks: <c>SIZE-HEX CRLF BYTES CRLF</c>, ended by a chunk of size 0.</summary>
internal sealed class ChunkedStream(Stream source) : ReadOnlyStream
{
    private readonly byte[] _one = new byte[1];
    private long _left;
    private bool _ended;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_left == 0 && !_ended)
            await NextAsync(cancellationToken);
        if (_ended)
            return 0;
        var read = await source.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _left)], cancellationToken);
        if (read == 0)
            throw new IOException("the body ended within a chunk");
        _left -= read;
        if (_left == 0)
            await LineAsync(cancellationToken);
        return read;
    }

    private async ValueTask NextAsync(CancellationToken cancellationToken)
    {
        var line = await LineAsync(cancellationToken);
        var semicolon = line.IndexOf(';', StringComparison.Ordinal);
        if (!long.TryParse(semicolon < 0 ? line : line[..semicolon], System.Globalization.NumberStyles.AllowHexSpecifier, null, out _left) || _left < 0)
            throw new IOException("the body has no valid chunk size");
        _ended = _left == 0;
    }

    /// <summary>Lines are a few characters: one byte at a time costs nothing.</summary>
    private async ValueTask<string> LineAsync(CancellationToken cancellationToken)
    {
        var line = new System.Text.StringBuilder();
        while (line.Length < 1024)
        {
            if (await source.ReadAsync(_one, cancellationToken) == 0)
                throw new IOException("the body ended within a chunk");
            if (_one[0] == '\n')
                return line.ToString().TrimEnd('\r');
            line.Append((char)_one[0]);
        }
        throw new IOException("the body has an endless chunk line");
    }
}
