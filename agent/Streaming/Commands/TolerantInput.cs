namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>
/// A program's input that swallows writes once the program no longer reads: like a closed pipe in a shell, that ends the input,
/// not the session, whose output and exit code are still to come.
/// </summary>
internal sealed class TolerantInput(Stream inner) : Stream
{
    private bool _closed;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_closed)
            return;
        try
        {
            await inner.WriteAsync(buffer, cancellationToken);
        }
        catch (IOException)
        {
            // The program closed its input or ended.
            _closed = true;
        }
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override async Task FlushAsync(CancellationToken cancellationToken)
    {
        if (_closed)
            return;
        try
        {
            await inner.FlushAsync(cancellationToken);
        }
        catch (IOException)
        {
            // As above.
            _closed = true;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        _closed = true;
        await inner.DisposeAsync();
        await base.DisposeAsync();
    }

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException("Asynchronous only.");

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();
}
