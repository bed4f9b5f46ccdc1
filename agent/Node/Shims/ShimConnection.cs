using System.Net.Sockets;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shims;

/// <summary>One connection to a shim, which carries one request. Not safe for concurrent readers or concurrent writers.</summary>
internal sealed class ShimConnection : IDisposable
{
    private readonly Socket _socket;
    private readonly string _podDirectory;
    private byte[] _buffer = new byte[1024];
    private int _start;
    private int _end;

    private ShimConnection(Socket socket, string podDirectory)
    {
        _socket = socket;
        _podDirectory = podDirectory;
    }

    /// <summary>Connects, greets and sends one request in a single write; the shim's greeting is checked with the first answer.</summary>
    internal static async Task<ShimConnection> OpenAsync(string podDirectory, Action<FrameWriter>? request, CancellationToken cancellationToken)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        var connection = new ShimConnection(socket, podDirectory);
        try
        {
            await connection.ConnectAsync(cancellationToken);
            var writer = new FrameWriter();
            HelloRequest.Write(writer);
            request?.Invoke(writer);
            await connection.SendAsync(writer.Written, cancellationToken);
            connection.Peer = await connection.ReadHelloAsync(cancellationToken);
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    /// <summary>The shim at the other end.</summary>
    internal HelloReply Peer { get; private set; } = new(0, 0, "");

    /// <summary>Sends finished frames.</summary>
    internal async Task SendAsync(ReadOnlyMemory<byte> frames, CancellationToken cancellationToken)
    {
        try
        {
            while (!frames.IsEmpty) frames = frames[await _socket.SendAsync(frames, SocketFlags.None, cancellationToken)..];
        }
        catch (SocketException broken)
        {
            throw Unavailable(broken);
        }
    }

    /// <summary>
    /// Reads the next frame, whose payload is valid until the next read; null when the shim has closed the connection. A failure the
    /// shim reports is thrown.
    /// </summary>
    internal async ValueTask<ShimFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (TryTakeFrame(out var frame)) return frame.Kind == FrameKind.Failed ? throw Failure(frame) : frame;
            MakeRoom();
            var count = await ReceiveAsync(cancellationToken);
            if (count == 0) return _end == _start ? null : throw Unavailable(null);
            _end += count;
        }
    }

    /// <summary>Reads the one answer to a request.</summary>
    internal async Task<ShimFrame> ReadAnswerAsync(FrameKind expected, CancellationToken cancellationToken)
    {
        var frame = await ReadAsync(cancellationToken) ?? throw Unavailable(null);
        return frame.Kind == expected ? frame : throw new ShimProtocolException($"The shim of {_podDirectory} answered {frame.Kind} where {expected} was due.");
    }

    public void Dispose() => _socket.Dispose();

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        // A socket address holds 107 bytes; going through the directory's descriptor keeps it short whatever the pod directory is.
        var directory = -1;
        try
        {
            directory = FileDescriptor.Open(_podDirectory, OpenMode.Directory);
            await _socket.ConnectAsync(new UnixDomainSocketEndPoint($"/proc/self/fd/{directory}/{PodDirectory.Socket}"), cancellationToken);
        }
        catch (Exception refused) when (refused is SocketException or LinuxException)
        {
            throw Unavailable(refused);
        }
        finally
        {
            FileDescriptor.Close(directory);
        }
    }

    private async Task<HelloReply> ReadHelloAsync(CancellationToken cancellationToken)
    {
        var frame = await ReadAnswerAsync(FrameKind.HelloReply, cancellationToken);
        return HelloReply.Read(new FrameReader(frame.Payload.Span));
    }

    private bool TryTakeFrame(out ShimFrame frame)
    {
        var size = FrameReader.TryFrame(_buffer.AsSpan(_start, _end - _start), out var kind, out _);
        frame = size == 0 ? default : new ShimFrame(kind, _buffer.AsMemory(_start + ShimProtocol.HeaderSize, size - ShimProtocol.HeaderSize));
        _start += size;
        return size > 0;
    }

    private void MakeRoom()
    {
        if (_start > 0)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        if (_end == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
    }

    private async ValueTask<int> ReceiveAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(_buffer.AsMemory(_end), SocketFlags.None, cancellationToken);
        }
        catch (SocketException broken)
        {
            throw Unavailable(broken);
        }
    }

    private ShimUnavailableException Unavailable(Exception? cause) =>
        new($"The shim of {_podDirectory} is not reachable{(cause is null ? ": it closed the connection" : ": " + cause.Message)}.", cause);

    private static ShimException Failure(ShimFrame frame)
    {
        var failure = ShimFailure.Read(new FrameReader(frame.Payload.Span));
        return new ShimException(failure.Code, failure.Message);
    }
}
