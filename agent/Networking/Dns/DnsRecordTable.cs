using System.Collections.Frozen;
using System.Net;
using System.Net.Sockets;
using ControlPlane.Agent.Networking.Vips;

namespace ControlPlane.Agent.Networking.Dns;

/// <summary>Every name the server knows. Never changed; a new one takes its place.</summary>
public sealed class DnsRecordTable
{
    private readonly FrozenDictionary<string, DnsRecords>.AlternateLookup<ReadOnlySpan<char>> _lookup;

    private DnsRecordTable(FrozenDictionary<string, DnsRecords> names) =>
        _lookup = names.GetAlternateLookup<ReadOnlySpan<char>>();

    public static DnsRecordTable Empty { get; } = Build("cluster.local", [], []);

    public static DnsRecordTable Build(string domain, IEnumerable<DnsVip> vips, IEnumerable<DnsPod> pods)
    {
        var names = new Dictionary<string, DnsRecords>(StringComparer.Ordinal);
        At(names, domain);
        foreach (var vip in vips)
        {
            var name = $"{vip.Name}.{vip.Namespace}.vip.{domain}";
            var records = At(names, name);
            foreach (var address in vip.Addresses.Where(address => address.AddressFamily == AddressFamily.InterNetwork))
            {
                records.Addresses.Add(address.GetAddressBytes());
                if (vip.Addresses.Count == 1)
                    At(names, ReverseName(address)).Pointers.Add(name);
            }

            foreach (var port in vip.Ports.Where(port => port.Name.Length > 0))
            {
                var protocol = port.Protocol == VipProtocol.Tcp ? "_tcp" : "_udp";
                At(names, $"_{port.Name}.{protocol}.{name}").Services.Add(new DnsService((ushort)port.Port, name));
            }
        }

        foreach (var pod in pods.Where(pod => pod.Address.AddressFamily == AddressFamily.InterNetwork))
        {
            var name = $"{pod.Name}.{pod.Namespace}.pod.{domain}";
            At(names, name).Addresses.Add(pod.Address.GetAddressBytes());
            At(names, ReverseName(pod.Address)).Pointers.Add(name);
        }

        return new DnsRecordTable(names.ToFrozenDictionary(StringComparer.Ordinal));
    }

    /// <summary>Null when the name does not exist. A name that exists only because names below it do has no records.</summary>
    internal DnsRecords? Find(ReadOnlySpan<char> name) => _lookup.TryGetValue(name, out var records) ? records : null;

    internal static string ReverseName(IPAddress address) =>
        string.Join('.', address.GetAddressBytes().Reverse()) + ".in-addr.arpa";

    private static DnsRecords At(Dictionary<string, DnsRecords> names, string name)
    {
        name = name.ToLowerInvariant();
        if (names.TryGetValue(name, out var records))
            return records;
        names[name] = records = new DnsRecords();
        for (var dot = name.IndexOf('.'); dot >= 0; dot = name.IndexOf('.', dot + 1))
            names.TryAdd(name[(dot + 1)..], new DnsRecords());
        return records;
    }
}

/// <summary>The records of one name; filled while the table is built and read-only from then on.</summary>
internal sealed class DnsRecords
{
    public List<byte[]> Addresses { get; } = [];

    public List<DnsService> Services { get; } = [];

    public List<string> Pointers { get; } = [];
}

internal sealed record DnsService(ushort Port, string Target);
