using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.InteropServices;

namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>
/// One record of the log: the changes of one batch, written and synced together. Little-endian:
/// <code>
///  0 u32 CRC32C of everything after it        24 i64 revision of the first change
///  4 u32 payload length                       32 i64 unix time, ms
///  8 u64 salt of the segment                  40 u32 changes (0: a seal after an idle period or at close)
/// 16 u64 sequence of the frame, no gaps       44 u32 0
/// 48 payload, zero-padded to a multiple of 8
/// change: u8 kind (1 put, 2 put with deadline, 3 delete), u32 key length, u32 value length, [i64 deadline, unix ms], key, value
/// </code>
/// The salt makes what a recycled segment held before unreadable as frames of its new life.
/// </summary>
internal readonly record struct LogFrame(ulong Salt, ulong Sequence, long FirstRevision, long Time, int Changes, int PayloadLength)
{
    public const int HeaderLength = 48;

    public int Length => PaddedLength(PayloadLength);

    public long LastRevision => FirstRevision + Changes - 1;

    public static int PaddedLength(int payload) => (HeaderLength + payload + 7) & ~7;

    /// <summary>Completes the header in front of a payload.</summary>
    public void WriteHeader(Span<byte> frame)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(frame[4..], (uint)PayloadLength);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[8..], Salt);
        BinaryPrimitives.WriteUInt64LittleEndian(frame[16..], Sequence);
        BinaryPrimitives.WriteInt64LittleEndian(frame[24..], FirstRevision);
        BinaryPrimitives.WriteInt64LittleEndian(frame[32..], Time);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[40..], (uint)Changes);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[44..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, Checksum(frame[4..Length]));
    }

    /// <summary>Reads the frame at the start of <paramref name="bytes"/>; false when there is no whole, intact frame of this segment.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ulong salt, out LogFrame frame)
    {
        frame = default;
        if (bytes.Length < HeaderLength || BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) != salt)
        {
            return false;
        }

        uint payload = BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]);
        if (payload > bytes.Length - HeaderLength || PaddedLength((int)payload) > bytes.Length)
        {
            return false;
        }

        frame = new LogFrame(
            salt,
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            (int)BinaryPrimitives.ReadUInt32LittleEndian(bytes[40..]),
            (int)payload);
        return Checksum(bytes[4..frame.Length]) == BinaryPrimitives.ReadUInt32LittleEndian(bytes);
    }

    /// <summary>CRC32C (Castagnoli), by the processor's instruction where it has one.</summary>
    public static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (ulong word in words)
        {
            crc = BitOperations.Crc32C(crc, BitConverter.IsLittleEndian ? word : BinaryPrimitives.ReverseEndianness(word));
        }

        foreach (byte b in bytes[(words.Length * sizeof(ulong))..])
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return ~crc;
    }
}
