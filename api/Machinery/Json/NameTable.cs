using System.Text;

namespace ControlPlane.Api.Machinery.Json;

/// <summary>Hands out one string per often-seen property name, so that a million parsed objects do not hold a million copies of
/// "metadata". Lossy on purpose: a slot keeps its last name, and a racing write costs one extra string, never a wrong one.</summary>
internal static class NameTable
{
    private const int Slots = 2048;
    private const int LongestName = 64;

    private static readonly Entry?[] Entries = new Entry?[Slots];

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > LongestName)
            return Encoding.UTF8.GetString(utf8);
        ref var slot = ref Entries[Hash(utf8) & (Slots - 1)];
        var entry = slot;
        if (entry is not null && utf8.SequenceEqual(entry.Utf8))
            return entry.Name;
        var name = Encoding.UTF8.GetString(utf8);
        slot = new Entry(utf8.ToArray(), name);
        return name;
    }

    private static uint Hash(ReadOnlySpan<byte> utf8)
    {
        var hash = 2166136261u;
        foreach (var octet in utf8)
            hash = (hash ^ octet) * 16777619u;
        return hash ^ (hash >> 15);
    }

    private sealed record Entry(byte[] Utf8, string Name);
}
