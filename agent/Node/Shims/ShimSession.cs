using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>
/// The streams of an exec or attach session. One reader and one writer may be active at once. Output is paced by its reader: what is not
/// read stays in the process's pipe. Disposing an exec session kills its process; disposing an attach session only leaves.
/// </summary>
internal sealed class ShimSession(ShimConnection connection, Started started) : IDisposable
{
    private readonly FrameWriter _writer = new();

    /// <summary>The process as the host numbers it, and when it was seen running.</summary>
    internal Started Started => started;

    /// <summary>
    /// Reads the next piece of output, valid until the next read, or, after all output, how the process ended. A connection that ends
    /// without saying so throws <see cref="ShimUnavailableException"/>.
    /// </summary>
    internal async ValueTask<SessionOutput> ReadAsync(CancellationToken cancellationToken)
    {
        var frame = await connection.ReadAsync(cancellationToken) ?? throw new ShimUnavailableException("The session ended without an exit code.");
        return frame.Kind switch
        {
            FrameKind.Stdout => new SessionOutput(SessionStream.Stdout, frame.Payload, null),
            FrameKind.Stderr => new SessionOutput(SessionStream.Stderr, frame.Payload, null),
            FrameKind.Exited => new SessionOutput(SessionStream.None, default, SessionExit.Read(new FrameReader(frame.Payload.Span))),
            _ => throw new ShimProtocolException($"A session's shim sent {frame.Kind}."),
        };
    }

    /// <summary>Copies all output to the given streams and returns how the process ended.</summary>
    internal async Task<SessionExit> CopyToAsync(Stream stdout, Stream stderr, CancellationToken cancellationToken)
    {
        while (true)
        {
            var output = await ReadAsync(cancellationToken);
            if (output.Exit is { } exit) return exit;
            await (output.Stream == SessionStream.Stderr ? stderr : stdout).WriteAsync(output.Data, cancellationToken);
        }
    }

    /// <summary>Sends input.</summary>
    internal async Task WriteAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        while (!input.IsEmpty)
        {
            var piece = input[..Math.Min(input.Length, ShimProtocol.MaxStreamPayload)];
            input = input[piece.Length..];
            _writer.Clear();
            await connection.SendAsync(_writer.Begin(FrameKind.Stdin).Raw(piece.Span).End().Written, cancellationToken);
        }
    }

    /// <summary>Ends the input; output goes on.</summary>
    internal Task EndInputAsync(CancellationToken cancellationToken)
    {
        _writer.Clear();
        return connection.SendAsync(_writer.Begin(FrameKind.StdinEnd).End().Written, cancellationToken);
    }

    /// <summary>Sets the terminal's size.</summary>
    internal Task ResizeAsync(ushort columns, ushort rows, CancellationToken cancellationToken)
    {
        _writer.Clear();
        new ResizeRequest("", columns, rows).Write(_writer);
        return connection.SendAsync(_writer.Written, cancellationToken);
    }

    public void Dispose() => connection.Dispose();
}
