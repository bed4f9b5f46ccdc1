using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Controllers.Vips;

/// <summary>The addresses that VIPs get: an IPv4 network without its first two addresses and its last.</summary>
internal readonly record struct AddressRange
{
    private readonly uint _first;
    private readonly uint _count;

    private AddressRange(uint first, uint count)
    {
        _first = first;
        _count = count;
    }

    /// <summary>How many addresses there are.</summary>
    public uint Count => _count;

    /// <summary>Reads e.g. 10.96.0.0/16.</summary>
    public static bool TryParse(string text, out AddressRange range)
    {
        range = default;
        if (text.Split('/') is not [var address, var length]
            || !IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork
            || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix is < 8 or > 30)
            return false;
        var network = BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes()) & (uint.MaxValue << (32 - prefix));
        range = new AddressRange(network + 2, (1u << (32 - prefix)) - 3);
        return true;
    }

    /// <summary>Whether an address is one of these.</summary>
    public bool Contains(string? address) =>
        IPAddress.TryParse(address, out var parsed) && parsed.AddressFamily == AddressFamily.InterNetwork
        && BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes()) - _first < _count;

    /// <summary>
    /// A free address for a name, or <c>null</c> when all are taken. It starts at a hash of the name and probes onwards, so that an address
    /// that was just given up is not the next to be handed out, while connections to its former owner may still be known somewhere.
    /// </summary>
    public string? Allocate(string name, IReadOnlySet<string> taken)
    {
        var start = Hash(name) % _count;
        for (uint i = 0; i < _count; i++)
        {
            var address = AddressAt((start + i) % _count);
            if (!taken.Contains(address))
                return address;
        }

        return null;
    }

    private string AddressAt(uint index)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, _first + index);
        return new IPAddress(bytes).ToString();
    }

    /// <summary>FNV-1a: the same on every machine and in every release.</summary>
    private static uint Hash(string name)
    {
        var hash = 2166136261;
        foreach (var value in Encoding.UTF8.GetBytes(name))
            hash = (hash ^ value) * 16777619;
        return hash;
    }
}
