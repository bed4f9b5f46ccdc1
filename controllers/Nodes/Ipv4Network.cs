using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Controllers.Nodes;

/// <summary>A range of IPv4 addresses, e.g. 10.244.0.0/16.</summary>
/// <param name="First">First address, as a number.</param>
/// <param name="PrefixLength">Bits that all addresses share.</param>
internal readonly record struct Ipv4Network(uint First, int PrefixLength)
{
    private uint Last => First + (uint)(Size - 1);

    private long Size => 1L << (32 - PrefixLength);

    public static Ipv4Network Parse(string text) => TryParse(text, out var network) ? network : throw new FormatException($"{text} is no IPv4 network.");

    public static bool TryParse(string? text, out Ipv4Network network)
    {
        network = default;
        if (text?.Split('/') is not [var address, var length]
            || !IPAddress.TryParse(address, out var parsed) || parsed.AddressFamily != AddressFamily.InterNetwork
            || !int.TryParse(length, NumberStyles.None, CultureInfo.InvariantCulture, out var prefix) || prefix > 32)
            return false;
        var first = BinaryPrimitives.ReadUInt32BigEndian(parsed.GetAddressBytes());
        network = new Ipv4Network(prefix == 0 ? 0 : first & (uint.MaxValue << (32 - prefix)), prefix);
        return true;
    }

    public bool Overlaps(Ipv4Network other) => First <= other.Last && other.First <= Last;

    /// <summary>Its parts of a longer prefix, in order.</summary>
    public IEnumerable<Ipv4Network> Split(int prefixLength)
    {
        var step = 1L << (32 - prefixLength);
        for (var offset = 0L; offset < Size; offset += step)
            yield return new Ipv4Network((uint)(First + offset), prefixLength);
    }

    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, First);
        return $"{new IPAddress(bytes)}/{PrefixLength}";
    }
}
