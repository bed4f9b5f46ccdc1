using System.IO.Pipelines;
using ControlPlane.Agent.Shims;
using ControlPlane.Agent.Streaming.Commands;

namespace ControlPlane.Agent.Endpoint;

/// <summary>An exec or attach session of a shim, in the shape that stream servers want: three streams and an exit code.</summary>
internal sealed class ShimRemoteProcess : IRemoteProcess
{
    private readonly ShimSession _session;
    private readonly Pipe _stdout = new(new PipeOptions(pauseWriterThreshold: 128 * 1024, resumeWriterThreshold: 64 * 1024));
    private readonly Pipe _stderr = new(new PipeOptions(pauseWriterThreshold: 128 * 1024, resumeWriterThreshold: 64 * 1024));
    private readonly CancellationTokenSource _closing = new();

    // Input and sizes come from streams of their own, and a session takes one write at a time.
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly Task<int> _exit;

    private ShimRemoteProcess(ShimSession session, RemoteCommandRequest request)
    {
        _session = session;
        Stdin = request.Stdin ? new InputStream(session, _writing) : Stream.Null;
        Stdout = _stdout.Reader.AsStream();
        Stderr = request.Tty ? Stream.Null : _stderr.Reader.AsStream();
        _exit = PumpAsync(request, _closing.Token);
    }

    public Stream Stdin { get; }

    public Stream Stdout { get; }

    public Stream Stderr { get; }

    public static async Task<IRemoteProcess> OpenAsync(Task<ShimSession> session, RemoteCommandRequest request) =>
        new ShimRemoteProcess(await session, request);

    public async ValueTask ResizeAsync(TerminalSize size, CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            await _session.ResizeAsync(size.Width, size.Height, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    public Task<int> WaitForExitAsync(CancellationToken cancellationToken) => _exit.WaitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await ((Task)_exit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _session.Dispose();
        _closing.Dispose();
    }

    private async Task<int> PumpAsync(RemoteCommandRequest request, CancellationToken cancellation)
    {
        try
        {
            while (true)
            {
                var output = await _session.ReadAsync(cancellation);
                if (output.Exit is { } exit)
                    return exit.ExitCode;
                var isError = output.Stream == SessionStream.Stderr;
                // A stream that the client does not read must not stop the other.
                if (isError ? request.Stderr : request.Stdout)
                    await (isError ? _stderr : _stdout).Writer.WriteAsync(output.Data, cancellation);
            }
        }
        finally
        {
            await _stdout.Writer.CompleteAsync();
            await _stderr.Writer.CompleteAsync();
        }
    }

    /// <summary>Writes to the session's input; disposing ends the input.</summary>
    private sealed class InputStream(ShimSession session, SemaphoreSlim writing) : Stream
    {
        private bool _ended;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await writing.WaitAsync(cancellationToken);
            try
            {
                await session.WriteAsync(buffer, cancellationToken);
            }
            finally
            {
                writing.Release();
            }
        }

        public override async ValueTask DisposeAsync()
        {
            if (!_ended)
            {
                _ended = true;
                await EndAsync();
            }

            await base.DisposeAsync();
        }

        private async Task EndAsync()
        {
            await writing.WaitAsync();
            try
            {
                await session.EndInputAsync(CancellationToken.None);
            }
            catch (ShimUnavailableException)
            {
                // The process has ended before its input did.
            }
            finally
            {
                writing.Release();
            }
        }

        public override void Flush()
        {
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
