using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Agent.Tests.Networking;

/// <summary>A DNS client of its own hand: shares no code with the server.</summary>
internal static class DnsClient
{
    public const ushort A = 1, Soa = 6, Ptr = 12, Aaaa = 28, Srv = 33;

    public static byte[] Query(string name, ushort type, ushort id = 0x1234, int? edns = null)
    {
        var message = new List<byte> { (byte)(id >> 8), (byte)id, 0x01, 0, 0, 1, 0, 0, 0, 0, 0, (byte)(edns is null ? 0 : 1) };
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
            message.AddRange([(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]);
        message.AddRange([0, (byte)(type >> 8), (byte)type, 0, 1]);
        if (edns is { } size)
            message.AddRange([0, 0, 41, (byte)(size >> 8), (byte)size, 0, 0, 0, 0, 0, 0]);
        return [.. message];
    }

    public static async Task<DnsAnswer> AskAsync(IPEndPoint server, string name, ushort type, int? edns = null) =>
        Parse(await SendAsync(server, Query(name, type, edns: edns)));

    public static async Task<byte[]> SendAsync(IPEndPoint server, byte[] query)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await socket.ConnectAsync(server, deadline.Token);
        await socket.SendAsync(query, deadline.Token);
        var buffer = new byte[65535];
        var count = await socket.ReceiveAsync(buffer, deadline.Token);
        return buffer[..count];
    }

    public static async Task<DnsAnswer> AskTcpAsync(IPEndPoint server, string name, ushort type)
    {
        using var client = new TcpClient();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await client.ConnectAsync(server, deadline.Token);
        var query = Query(name, type);
        var stream = client.GetStream();
        await stream.WriteAsync((byte[])[(byte)(query.Length >> 8), (byte)query.Length, .. query], deadline.Token);
        var length = new byte[2];
        await stream.ReadExactlyAsync(length, deadline.Token);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(length)];
        await stream.ReadExactlyAsync(answer, deadline.Token);
        return Parse(answer);
    }

    public static DnsAnswer Parse(byte[] message)
    {
        var at = 12;
        if (Count(message, 4) == 1)
        {
            _ = Name(message, ref at);
            at += 4;
        }

        var records = new List<DnsRecord>();
        for (var i = Count(message, 6) + Count(message, 8) + Count(message, 10); i > 0; i--)
            records.Add(Record(message, ref at));
        Assert.Equal(message.Length, at);
        return new DnsAnswer(message[3] & 0x0F, (message[2] & 0x04) != 0, (message[2] & 0x02) != 0, Count(message, 6), records);
    }

    private static DnsRecord Record(byte[] message, ref int at)
    {
        var owner = Name(message, ref at);
        var type = Count(message, at);
        var ttl = BinaryPrimitives.ReadUInt32BigEndian(message.AsSpan(at + 4));
        var length = Count(message, at + 8);
        at += 10;
        var data = at;
        at += length;
        var text = type switch
        {
            A => new IPAddress(message.AsSpan(data, 4)).ToString(),
            Srv => $"{Count(message, data)} {Count(message, data + 2)} {Count(message, data + 4)} {NameAt(message, data + 6)}",
            Ptr => NameAt(message, data),
            _ => "",
        };
        return new DnsRecord(owner, type, ttl, text);
    }

    private static string NameAt(byte[] message, int at) => Name(message, ref at);

    private static string Name(byte[] message, ref int at)
    {
        var labels = new List<string>();
        while (message[at] != 0)
        {
            if ((message[at] & 0xC0) == 0xC0)
            {
                var target = Count(message, at) & 0x3FFF;
                at += 2;
                labels.Add(NameAt(message, target));
                return string.Join('.', labels);
            }

            labels.Add(Encoding.ASCII.GetString(message, at + 1, message[at]));
            at += 1 + message[at];
        }

        at++;
        return string.Join('.', labels);
    }

    private static ushort Count(byte[] message, int at) => BinaryPrimitives.ReadUInt16BigEndian(message.AsSpan(at));
}

internal sealed record DnsAnswer(int Code, bool Authoritative, bool Truncated, int Answers, IReadOnlyList<DnsRecord> Records)
{
    public IEnumerable<string> Data => Records.Take(Answers).Select(record => record.Data);
}

internal sealed record DnsRecord(string Owner, ushort Type, uint Ttl, string Data);
