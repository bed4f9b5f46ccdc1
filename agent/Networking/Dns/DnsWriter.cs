using System.Buffers.Binary;

namespace ControlPlane.Agent.Networking.Dns;

/// <summary>Writes a response into a buffer of its final size; what does not fit is left out and reported.</summary>
internal ref struct DnsWriter(Span<byte> buffer)
{
    // Every answer's owner is the question's name, at the end of the header.
    private const ushort QuestionName = 0xC000 | DnsQuery.HeaderSize;
    private const ushort InternetClass = 1;

    private readonly Span<byte> _buffer = buffer;

    public int Length { get; private set; }

    public bool Overflowed { get; private set; }

    public static DnsWriter Continue(Span<byte> buffer, int length) => new(buffer) { Length = length };

    public void Begin(ReadOnlySpan<byte> query, int questionEnd, DnsCode code, bool authoritative)
    {
        var end = Math.Max(questionEnd, DnsQuery.HeaderSize);
        query[..end].CopyTo(_buffer);
        // Response, the query's opcode and recursion-desired bit; recursion is said to be available, as stub resolvers expect.
        _buffer[2] = (byte)(0x80 | (authoritative ? 0x04 : 0) | (query[2] & 0x79));
        _buffer[3] = (byte)(0x80 | (byte)code);
        _buffer[4..DnsQuery.HeaderSize].Clear();
        if (questionEnd > 0)
            _buffer[5] = 1;
        Length = end;
    }

    public void Address(ReadOnlySpan<byte> address, uint ttl)
    {
        if (!Record(QuestionName, DnsType.A, ttl, address.Length, 7))
            return;
        address.CopyTo(_buffer[Length..]);
        Length += address.Length;
    }

    public void Service(DnsService service, uint ttl)
    {
        if (!Record(QuestionName, DnsType.Srv, ttl, 6 + NameLength(service.Target), 7))
            return;
        _buffer.Slice(Length, 4).Clear();
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 4)..], service.Port);
        Length += 6;
        Name(service.Target);
    }

    public void Pointer(string target, uint ttl)
    {
        if (Record(QuestionName, DnsType.Ptr, ttl, NameLength(target), 7))
            Name(target);
    }

    /// <summary>The authority record of a negative answer: how long it may be remembered.</summary>
    public void Authority(string zone, uint ttl)
    {
        var server = "ns.dns." + zone;
        var mailbox = "hostmaster." + zone;
        var before = Length;
        if (Length + NameLength(zone) > _buffer.Length)
        {
            Overflowed = true;
            return;
        }

        Name(zone);
        if (!Record(null, DnsType.Soa, ttl, NameLength(server) + NameLength(mailbox) + 20, 9))
        {
            Length = before;
            return;
        }

        Name(server);
        Name(mailbox);
        foreach (var value in (ReadOnlySpan<uint>)[1, 7200, 1800, 86400, ttl])
        {
            BinaryPrimitives.WriteUInt32BigEndian(_buffer[Length..], value);
            Length += 4;
        }
    }

    /// <summary>Room that <see cref="Edns"/> takes.</summary>
    public const int EdnsSize = 11;

    public void Edns(ushort size)
    {
        var record = _buffer.Slice(Length, EdnsSize);
        record.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(record[1..], (ushort)DnsType.Opt);
        BinaryPrimitives.WriteUInt16BigEndian(record[3..], size);
        Length += EdnsSize;
        _buffer[11]++;
    }

    /// <summary>Nothing but the question, and the word that there is more over TCP.</summary>
    public void Truncate(int questionEnd)
    {
        _buffer[2] |= 0x02;
        _buffer[6..DnsQuery.HeaderSize].Clear();
        Length = questionEnd;
    }

    // Counts the record in the header's count whose low byte is at countAt: 7 answers, 9 authority.
    private bool Record(ushort? owner, DnsType type, uint ttl, int dataLength, int countAt)
    {
        var fixedLength = (owner is null ? 0 : 2) + 10;
        if (Length + fixedLength + dataLength > _buffer.Length)
        {
            Overflowed = true;
            return false;
        }

        if (owner is { } pointer)
        {
            BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], pointer);
            Length += 2;
        }

        BinaryPrimitives.WriteUInt16BigEndian(_buffer[Length..], (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 2)..], InternetClass);
        BinaryPrimitives.WriteUInt32BigEndian(_buffer[(Length + 4)..], ttl);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(Length + 8)..], (ushort)dataLength);
        Length += 10;
        var count = BinaryPrimitives.ReadUInt16BigEndian(_buffer[(countAt - 1)..]);
        BinaryPrimitives.WriteUInt16BigEndian(_buffer[(countAt - 1)..], (ushort)(count + 1));
        return true;
    }

    private static int NameLength(string name) => name.Length == 0 ? 1 : name.Length + 2;

    private void Name(string name)
    {
        foreach (var range in name.AsSpan().Split('.'))
        {
            var label = name.AsSpan()[range];
            _buffer[Length++] = (byte)label.Length;
            foreach (var c in label)
                _buffer[Length++] = (byte)c;
        }

        _buffer[Length++] = 0;
    }
}
