using System.Buffers.Binary;

namespace ControlPlane.Agent.Networking.Dns;

internal enum DnsType : ushort
{
    A = 1,
    Soa = 6,
    Ptr = 12,
    Srv = 33,
    Opt = 41,
    Any = 255,
}

internal enum DnsCode : byte
{
    NoError = 0,
    FormatError = 1,
    ServerFailure = 2,
    NameError = 3,
    NotImplemented = 4,
    Refused = 5,
}

/// <summary>A parsed question. Only what is well-formed in every byte that is used gets this far.</summary>
internal readonly ref struct DnsQuery
{
    public const int HeaderSize = 12;
    public const int MaxName = 255;
    private const int PlainUdpSize = 512;

    private DnsQuery(DnsCode problem)
    {
        MaxUdpResponse = PlainUdpSize;
        Problem = problem;
    }

    private DnsQuery(Span<char> name, int questionEnd, DnsType type, ushort @class, int? edns, DnsCode problem)
    {
        Name = name;
        QuestionEnd = questionEnd;
        Type = type;
        Class = @class;
        HasEdns = edns is not null;
        // What is larger risks fragments, whatever the client says it can take.
        MaxUdpResponse = Math.Clamp(edns ?? PlainUdpSize, PlainUdpSize, 1232);
        Problem = problem;
    }

    /// <summary>Lower case, without the dot at the end. Bytes that no name of ours has are '\0'.</summary>
    public ReadOnlySpan<char> Name { get; }

    /// <summary>Where the question ends in the message; 0 when there is none to repeat.</summary>
    public int QuestionEnd { get; }

    public DnsType Type { get; }

    public ushort Class { get; }

    public bool HasEdns { get; }

    public int MaxUdpResponse { get; }

    /// <summary>NoError when the query can be answered.</summary>
    public DnsCode Problem { get; }

    /// <summary>False when the message deserves no answer at all.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, Span<char> nameBuffer, out DnsQuery query)
    {
        query = default;
        // Answers are never answered: two servers would talk for ever.
        if (message.Length < HeaderSize || (message[2] & 0x80) != 0)
            return false;
        query = Parse(message, nameBuffer);
        return true;
    }

    /// <summary>The name of a message's question, and where its type and class end.</summary>
    public static bool TryReadQuestion(ReadOnlySpan<byte> message, Span<char> name, out int end, out int nameLength)
    {
        var whole = TryReadName(message, name, out nameLength, out end) && end + 4 <= message.Length;
        end += 4;
        return whole;
    }

    private static DnsQuery Parse(ReadOnlySpan<byte> message, Span<char> nameBuffer)
    {
        if ((message[2] & 0x78) != 0)
            return new DnsQuery(DnsCode.NotImplemented);
        if (BinaryPrimitives.ReadUInt16BigEndian(message[4..]) != 1 || BinaryPrimitives.ReadUInt32BigEndian(message[6..]) != 0)
            return new DnsQuery(DnsCode.FormatError);
        if (!TryReadName(message, nameBuffer, out var nameLength, out var at) || message.Length < at + 4)
            return new DnsQuery(DnsCode.FormatError);
        var type = (DnsType)BinaryPrimitives.ReadUInt16BigEndian(message[at..]);
        var @class = BinaryPrimitives.ReadUInt16BigEndian(message[(at + 2)..]);
        at += 4;
        var additional = BinaryPrimitives.ReadUInt16BigEndian(message[10..]);
        var wellFormed = TryReadEdns(message[at..], additional, out var edns);
        return new DnsQuery(
            nameBuffer[..nameLength], at, type, @class, edns, wellFormed ? DnsCode.NoError : DnsCode.FormatError);
    }

    // A question's name is written out in full: pointers have nothing before them to point at.
    private static bool TryReadName(ReadOnlySpan<byte> message, Span<char> name, out int length, out int at)
    {
        length = 0;
        at = HeaderSize;
        while (at < message.Length)
        {
            int label = message[at++];
            if (label == 0)
                return true;
            if (label > 63 || at + label > message.Length || length + label + 1 > MaxName - 1)
                return false;
            if (length > 0)
                name[length++] = '.';
            foreach (var octet in message.Slice(at, label))
                name[length++] = octet switch
                {
                    >= (byte)'A' and <= (byte)'Z' => (char)(octet | 0x20),
                    >= (byte)'a' and <= (byte)'z' or >= (byte)'0' and <= (byte)'9' or (byte)'-' or (byte)'_' => (char)octet,
                    _ => '\0',
                };
            at += label;
        }

        return false;
    }

    // The one additional record a query carries is OPT: root name, type 41, and the size where others have a class.
    private static bool TryReadEdns(ReadOnlySpan<byte> rest, int additional, out int? size)
    {
        size = null;
        if (additional == 0)
            return true;
        if (additional > 2 || rest.Length < 11 || rest[0] != 0 || BinaryPrimitives.ReadUInt16BigEndian(rest[1..]) != (ushort)DnsType.Opt)
            return additional == 1 && rest.Length >= 11;
        size = BinaryPrimitives.ReadUInt16BigEndian(rest[3..]);
        return rest.Length >= 11 + BinaryPrimitives.ReadUInt16BigEndian(rest[9..]);
    }
}
