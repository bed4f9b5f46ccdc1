using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace ControlPlane.Agent.Networking.Dns;

/// <summary>
/// Asks the upstream servers what this one does not know. Every question leaves from a fresh port with a fresh id, so
/// that an answer cannot be forged from outside without seeing it.
/// </summary>
internal sealed class DnsForwarder(IReadOnlyList<IPEndPoint> upstreams) : IDisposable
{
    private const int MaxInFlight = 512;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly SemaphoreSlim _slots = new(MaxInFlight);

    /// <summary>The answer under the client's id, or null when there is none in time or too much is asked already.</summary>
    public async Task<byte[]?> AskAsync(ReadOnlyMemory<byte> query, bool overTcp, CancellationToken cancellation)
    {
        if (!await _slots.WaitAsync(TimeSpan.Zero, cancellation))
            return null;
        try
        {
            foreach (var upstream in upstreams)
                if (await TryAskAsync(upstream, query, overTcp, cancellation) is { } answer)
                    return answer;
            return null;
        }
        finally
        {
            _slots.Release();
        }
    }

    public void Dispose() => _slots.Dispose();

    private static async Task<byte[]?> TryAskAsync(IPEndPoint upstream, ReadOnlyMemory<byte> query, bool overTcp, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        var question = query.ToArray();
        RandomNumberGenerator.Fill(question.AsSpan(0, 2));
        try
        {
            var answer = overTcp
                ? await AskTcpAsync(upstream, question, deadline.Token)
                : await AskUdpAsync(upstream, question, deadline.Token);
            query.Span[..2].CopyTo(answer);
            return answer;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e) when (e is SocketException or IOException)
        {
            // This server does not answer; the next may.
            return null;
        }
    }

    private static async Task<byte[]> AskUdpAsync(IPEndPoint upstream, byte[] question, CancellationToken cancellation)
    {
        using var socket = new Socket(upstream.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(upstream, cancellation);
        await socket.SendAsync(question, cancellation);
        var buffer = new byte[4096];
        while (true)
        {
            var count = await socket.ReceiveAsync(buffer, cancellation);
            if (Answers(question, buffer.AsSpan(0, count)))
                return buffer[..count];
        }
    }

    private static async Task<byte[]> AskTcpAsync(IPEndPoint upstream, byte[] question, CancellationToken cancellation)
    {
        using var socket = new Socket(upstream.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(upstream, cancellation);
        await using var stream = new NetworkStream(socket);
        var message = new byte[2 + question.Length];
        BinaryPrimitives.WriteUInt16BigEndian(message, (ushort)question.Length);
        question.CopyTo(message, 2);
        await stream.WriteAsync(message, cancellation);
        await stream.ReadExactlyAsync(message.AsMemory(0, 2), cancellation);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(message)];
        await stream.ReadExactlyAsync(answer, cancellation);
        return Answers(question, answer) ? answer : throw new IOException("the upstream answered another question");
    }

    // Same id, an answer, and the very question that was asked (names compare without case).
    private static bool Answers(ReadOnlySpan<byte> question, ReadOnlySpan<byte> answer)
    {
        if (answer.Length < DnsQuery.HeaderSize || (answer[2] & 0x80) == 0 || !answer[..2].SequenceEqual(question[..2]))
            return false;
        Span<char> asked = stackalloc char[DnsQuery.MaxName], answered = stackalloc char[DnsQuery.MaxName];
        return DnsQuery.TryReadQuestion(question, asked, out var askedEnd, out var askedLength)
            && DnsQuery.TryReadQuestion(answer, answered, out var answeredEnd, out var answeredLength)
            && askedEnd == answeredEnd && asked[..askedLength].SequenceEqual(answered[..answeredLength])
            && question[(askedEnd - 4)..askedEnd].SequenceEqual(answer[(answeredEnd - 4)..answeredEnd]);
    }
}
