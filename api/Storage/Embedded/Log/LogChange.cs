using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>One change as the log and snapshots hold it.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The new value, or null for a delete.</param>
/// <param name="Deadline">When the key is to be deleted, unix ms; 0 = never.</param>
internal readonly record struct LogChange(string Key, ReadOnlyMemory<byte>? Value, long Deadline)
{
    private const byte Put = 1;
    private const byte PutWithDeadline = 2;
    private const byte Delete = 3;
    private const int FixedLength = 9;

    /// <summary>An upper bound of <see cref="Write"/>.</summary>
    public int MaxLength => MaxLengthOf(Key, Value?.Length ?? 0);

    public static int MaxLengthOf(string key, int value) => FixedLength + sizeof(long) + Encoding.UTF8.GetMaxByteCount(key.Length) + value;

    public int Write(Span<byte> into)
    {
        int at = FixedLength;
        into[0] = Value is null ? Delete : Deadline == 0 ? Put : PutWithDeadline;
        if (into[0] == PutWithDeadline)
        {
            BinaryPrimitives.WriteInt64LittleEndian(into[at..], Deadline);
            at += sizeof(long);
        }

        int keyLength = Encoding.UTF8.GetBytes(Key, into[at..]);
        at += keyLength;
        ReadOnlySpan<byte> value = Value is { } memory ? memory.Span : default;
        value.CopyTo(into[at..]);
        BinaryPrimitives.WriteUInt32LittleEndian(into[1..], (uint)keyLength);
        BinaryPrimitives.WriteUInt32LittleEndian(into[5..], (uint)value.Length);
        return at + value.Length;
    }

    /// <summary>The change at the start of <paramref name="bytes"/>, which a checksum has vouched for. False when it does not parse all the same.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out LogChange change, out int length)
    {
        change = default;
        length = 0;
        if (bytes.Length < FixedLength || bytes[0] is < Put or > Delete)
        {
            return false;
        }

        byte kind = bytes[0];
        long keyLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[1..]);
        long valueLength = BinaryPrimitives.ReadUInt32LittleEndian(bytes[5..]);
        int at = FixedLength + (kind == PutWithDeadline ? sizeof(long) : 0);
        if (at + keyLength + valueLength > bytes.Length)
        {
            return false;
        }

        long deadline = kind == PutWithDeadline ? BinaryPrimitives.ReadInt64LittleEndian(bytes[FixedLength..]) : 0;
        string key = Encoding.UTF8.GetString(bytes.Slice(at, (int)keyLength));
        at += (int)keyLength;
        // A copy of its own: a slice would keep the whole segment's buffer alive.
        ReadOnlyMemory<byte>? value = kind == Delete ? default(ReadOnlyMemory<byte>?) : bytes.Slice(at, (int)valueLength).ToArray();
        change = new LogChange(key, value, deadline);
        length = at + (int)valueLength;
        return true;
    }
}
