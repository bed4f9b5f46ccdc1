using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Agent.Streaming.Spdy;

/// <summary>
/// Header blocks that we send: one zlib stream of stored blocks, which needs no compressor. Each ends with an empty block, a sync
/// flush: Go's inflater hands out what it has only then.
/// </summary>
internal sealed class SpdyHeaderEncoder
{
    private bool _started;

    /// <summary>One block, ready for a frame.</summary>
    public byte[] Encode(IReadOnlyDictionary<string, string> headers)
    {
        var block = new MemoryStream();
        WriteLength(block, headers.Count);
        foreach (var (name, value) in headers)
        {
            WriteString(block, name.ToLowerInvariant());
            WriteString(block, value);
        }

        byte[] prefix = _started ? [] : [0x78, 0x01];
        _started = true;
        return [.. prefix, .. StoredBlock(block.ToArray()), .. StoredBlock([])];
    }

    /// <summary>A deflate block that is not the last and holds its bytes as they are (RFC 1951, 3.2.4).</summary>
    internal static byte[] StoredBlock(ReadOnlySpan<byte> content)
    {
        var block = new byte[5 + content.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(1), (ushort)content.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(block.AsSpan(3), (ushort)~content.Length);
        content.CopyTo(block.AsSpan(5));
        return block;
    }

    private static void WriteString(MemoryStream block, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        WriteLength(block, bytes.Length);
        block.Write(bytes);
    }

    private static void WriteLength(MemoryStream block, int length)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        block.Write(bytes);
    }
}
