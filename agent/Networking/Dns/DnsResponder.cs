using System.Net;
using System.Security.Cryptography;

namespace ControlPlane.Agent.Networking.Dns;

/// <summary>Decides what a query is answered with; does no I/O.</summary>
internal sealed class DnsResponder
{
    private const uint Ttl = 5;
    private const ushort InternetClass = 1;
    private const ushort AdvertisedSize = 1232;

    private readonly string[] _zones;
    private readonly bool _forwards;
    private DnsRecordTable _table = DnsRecordTable.Empty;

    public DnsResponder(DnsServerOptions options)
    {
        _zones = [options.Domain.ToLowerInvariant(), .. options.ReverseRanges.Select(ReverseZone)];
        _forwards = options.Upstreams.Count > 0;
    }

    /// <summary>What the next queries are answered from.</summary>
    public DnsRecordTable Table
    {
        get => Volatile.Read(ref _table);
        set => Volatile.Write(ref _table, value);
    }

    /// <param name="query">The message as it came.</param>
    /// <param name="response">A buffer for the response; its length bounds a response over TCP.</param>
    /// <param name="overTcp">Whether the response may be as long as the buffer.</param>
    /// <param name="length">The response's length.</param>
    public DnsOutcome Respond(ReadOnlySpan<byte> query, Span<byte> response, bool overTcp, out int length)
    {
        length = 0;
        if (!DnsQuery.TryParse(query, stackalloc char[DnsQuery.MaxName], out var parsed))
            return DnsOutcome.Drop;
        var limit = overTcp ? response.Length : parsed.MaxUdpResponse;
        var writer = new DnsWriter(response[..(limit - (parsed.HasEdns ? DnsWriter.EdnsSize : 0))]);
        if (parsed.Problem != DnsCode.NoError)
            writer.Begin(query, parsed.QuestionEnd, parsed.Problem, authoritative: false);
        else if (parsed.Class == InternetClass && ZoneOf(parsed.Name) is { } zone)
            Answer(ref writer, query, parsed, zone);
        else if (_forwards && parsed.Class == InternetClass)
            return DnsOutcome.Forward;
        else
            writer.Begin(query, parsed.QuestionEnd, DnsCode.Refused, authoritative: false);

        length = Finish(response, writer, parsed);
        return DnsOutcome.Answer;
    }

    /// <summary>A failure to say instead of what an upstream should have said.</summary>
    public static int Fail(ReadOnlySpan<byte> query, Span<byte> response)
    {
        if (!DnsQuery.TryParse(query, stackalloc char[DnsQuery.MaxName], out var parsed))
            return 0;
        var writer = new DnsWriter(response);
        writer.Begin(query, parsed.QuestionEnd, DnsCode.ServerFailure, authoritative: false);
        return writer.Length;
    }

    private void Answer(ref DnsWriter writer, ReadOnlySpan<byte> query, scoped DnsQuery parsed, string zone)
    {
        var records = Table.Find(parsed.Name);
        var exists = records is not null || parsed.Name.SequenceEqual(zone);
        writer.Begin(query, parsed.QuestionEnd, exists ? DnsCode.NoError : DnsCode.NameError, authoritative: true);
        var start = writer.Length;
        if (records is not null)
            AddRecords(ref writer, records, parsed.Type);
        if (parsed.Type is DnsType.Soa && parsed.Name.SequenceEqual(zone))
            writer.Authority(zone, Ttl);
        else if (writer.Length == start && !writer.Overflowed)
            writer.Authority(zone, Ttl);
    }

    private static void AddRecords(ref DnsWriter writer, DnsRecords records, DnsType type)
    {
        if (type is DnsType.A or DnsType.Any && records.Addresses.Count > 0)
        {
            // Clients take the first: it is another one each time.
            var first = records.Addresses.Count == 1 ? 0 : RandomNumberGenerator.GetInt32(records.Addresses.Count);
            for (var i = 0; i < records.Addresses.Count; i++)
                writer.Address(records.Addresses[(first + i) % records.Addresses.Count], Ttl);
        }

        if (type is DnsType.Srv or DnsType.Any)
            foreach (var service in records.Services)
                writer.Service(service, Ttl);
        if (type is DnsType.Ptr or DnsType.Any)
            foreach (var target in records.Pointers)
                writer.Pointer(target, Ttl);
    }

    private static int Finish(Span<byte> response, DnsWriter writer, DnsQuery parsed)
    {
        if (writer.Overflowed)
            writer.Truncate(parsed.QuestionEnd);
        if (!parsed.HasEdns)
            return writer.Length;
        // Room for it was kept back from the writer before.
        var whole = DnsWriter.Continue(response, writer.Length);
        whole.Edns(AdvertisedSize);
        return whole.Length;
    }

    private string? ZoneOf(ReadOnlySpan<char> name)
    {
        foreach (var zone in _zones)
            if (name.EndsWith(zone, StringComparison.Ordinal) && (name.Length == zone.Length || name[^(zone.Length + 1)] == '.'))
                return zone;
        return null;
    }

    private static string ReverseZone(IPNetwork range)
    {
        if (range.PrefixLength % 8 != 0 || range.PrefixLength == 0)
            throw new ArgumentException($"{range} cannot be a reverse zone: its length is no multiple of 8");
        return string.Join('.', range.BaseAddress.GetAddressBytes().Take(range.PrefixLength / 8).Reverse()) + ".in-addr.arpa";
    }
}

internal enum DnsOutcome
{
    Answer,
    Forward,
    Drop,
}
