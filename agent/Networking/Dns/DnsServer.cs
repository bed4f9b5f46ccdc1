using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Networking.Dns;

/// <summary>
/// A node's DNS server: answers for the cluster from memory, over UDP and TCP, and passes other questions on. Nothing a
/// client sends makes it hold more than a fixed amount of memory.
/// </summary>
public sealed partial class DnsServer : IAsyncDisposable
{
    private const int MaxDatagram = 4096;
    private const int MaxTcpResponse = 65535;
    private const int MaxTcpClients = 256;
    private static readonly TimeSpan TcpPatience = TimeSpan.FromSeconds(10);

    private readonly DnsResponder _responder;
    private readonly DnsForwarder _forwarder;
    private readonly List<Socket> _udp = [];
    private readonly List<Socket> _tcp = [];
    private readonly SemaphoreSlim _tcpSlots = new(MaxTcpClients);
    private readonly WorkSet _work = new();
    private readonly ILogger _log;

    /// <summary>Binds the sockets; <see cref="RunAsync"/> serves them.</summary>
    /// <exception cref="SocketException">An address is taken or not this machine's.</exception>
    public DnsServer(DnsServerOptions options, ILogger<DnsServer> log)
    {
        _log = log;
        _responder = new DnsResponder(options);
        _forwarder = new DnsForwarder(options.Upstreams);
        try
        {
            foreach (var address in options.Listen)
                Bind(address);
        }
        catch
        {
            CloseSockets();
            throw;
        }
    }

    /// <summary>Where it really listens, also when port 0 was asked for.</summary>
    public IReadOnlyList<IPEndPoint> Addresses => [.. _udp.Select(socket => (IPEndPoint)socket.LocalEndPoint!)];

    /// <summary>Answers from these records from now on.</summary>
    public void Update(DnsRecordTable table) => _responder.Table = table;

    /// <summary>Serves until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        var loops = _udp.Select(socket => ReceiveAsync(socket, cancellation))
            .Concat(_tcp.Select(socket => AcceptAsync(socket, cancellation))).ToList();
        try
        {
            // None ends by itself: the first to end has failed, or was cancelled.
            await await Task.WhenAny(loops);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The way to stop.
        }
        finally
        {
            CloseSockets();
            await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _work.DrainAsync();
        }
    }

    public async ValueTask DisposeAsync()
    {
        CloseSockets();
        await _work.DrainAsync();
        _forwarder.Dispose();
        _tcpSlots.Dispose();
    }

    private void Bind(IPEndPoint address)
    {
        var udp = new Socket(address.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        _udp.Add(udp);
        udp.Bind(address);
        var tcp = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        _tcp.Add(tcp);
        tcp.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        // The same port as UDP got, when any was wanted.
        tcp.Bind(udp.LocalEndPoint!);
        tcp.Listen(MaxTcpClients);
    }

    private async Task ReceiveAsync(Socket socket, CancellationToken cancellation)
    {
        var query = new byte[MaxDatagram];
        var response = new byte[MaxDatagram];
        var client = new SocketAddress(socket.AddressFamily);
        while (true)
        {
            var count = await socket.ReceiveFromAsync(query, SocketFlags.None, client, cancellation);
            switch (_responder.Respond(query.AsSpan(0, count), response, overTcp: false, out var length))
            {
                case DnsOutcome.Answer:
                    await ReplyAsync(socket, response.AsMemory(0, length), client, cancellation);
                    break;
                case DnsOutcome.Forward:
                    var returnTo = Copy(client, socket.AddressFamily);
                    var forwarded = query.AsSpan(0, count).ToArray();
                    _work.Add(ForwardAsync(socket, forwarded, returnTo, cancellation));
                    break;
            }
        }
    }

    private async Task ForwardAsync(Socket socket, byte[] query, SocketAddress client, CancellationToken cancellation)
    {
        var answer = await _forwarder.AskAsync(query, overTcp: false, cancellation) ?? Failure(query);
        await ReplyAsync(socket, answer, client, cancellation);
    }

    private async Task ReplyAsync(Socket socket, ReadOnlyMemory<byte> message, SocketAddress client, CancellationToken cancellation)
    {
        try
        {
            await socket.SendToAsync(message, SocketFlags.None, client, cancellation);
        }
        catch (SocketException e)
        {
            // The client is gone or unreachable; it asks again if it still wants to know.
            Log.NotSent(_log, e.SocketErrorCode);
        }
    }

    private async Task AcceptAsync(Socket socket, CancellationToken cancellation)
    {
        while (true)
        {
            await _tcpSlots.WaitAsync(cancellation);
            var client = await socket.AcceptAsync(cancellation);
            _work.Add(ServeAsync(client, cancellation));
        }
    }

    private async Task ServeAsync(Socket client, CancellationToken cancellation)
    {
        try
        {
            using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await using var stream = new NetworkStream(client, ownsSocket: true);
            var buffer = new byte[MaxDatagram];
            while (true)
            {
                deadline.CancelAfter(TcpPatience);
                if (await stream.ReadAtLeastAsync(buffer.AsMemory(0, 2), 2, throwOnEndOfStream: false, deadline.Token) < 2)
                    return;
                int length = BinaryPrimitives.ReadUInt16BigEndian(buffer);
                if (length > buffer.Length)
                    return;
                await stream.ReadExactlyAsync(buffer.AsMemory(0, length), deadline.Token);
                if (await AnswerAsync(buffer.AsMemory(0, length), deadline.Token) is not { } answer)
                    return;
                await stream.WriteAsync(answer, deadline.Token);
            }
        }
        catch (Exception e) when (e is IOException or SocketException or OperationCanceledException)
        {
            // Slow, broken or gone: the connection ends, and that is all a client can cause.
            Log.ClientEnded(_log, e.GetType().Name);
        }
        finally
        {
            _tcpSlots.Release();
        }
    }

    // The response with its length before it; null when the query deserves none.
    private async Task<byte[]?> AnswerAsync(ReadOnlyMemory<byte> query, CancellationToken cancellation)
    {
        var response = new byte[2 + MaxTcpResponse];
        var outcome = _responder.Respond(query.Span, response.AsSpan(2), overTcp: true, out var length);
        if (outcome == DnsOutcome.Drop)
            return null;
        if (outcome == DnsOutcome.Forward)
        {
            var answer = await _forwarder.AskAsync(query, overTcp: true, cancellation) ?? Failure(query.Span);
            answer.CopyTo(response, 2);
            length = answer.Length;
        }

        BinaryPrimitives.WriteUInt16BigEndian(response, (ushort)length);
        return response[..(length + 2)];
    }

    private static byte[] Failure(ReadOnlySpan<byte> query)
    {
        var response = new byte[MaxDatagram];
        return response[..DnsResponder.Fail(query, response)];
    }

    private static SocketAddress Copy(SocketAddress address, AddressFamily family)
    {
        var copy = new SocketAddress(family, address.Size);
        address.Buffer.Span[..address.Size].CopyTo(copy.Buffer.Span);
        return copy;
    }

    private void CloseSockets()
    {
        foreach (var socket in _udp.Concat(_tcp))
            socket.Dispose();
    }

    private static partial class Log
    {
        [LoggerMessage(130, LogLevel.Debug, "A DNS answer could not be sent: {Error}")]
        public static partial void NotSent(ILogger log, SocketError error);

        [LoggerMessage(131, LogLevel.Debug, "A DNS connection ended: {Reason}")]
        public static partial void ClientEnded(ILogger log, string reason);
    }
}
