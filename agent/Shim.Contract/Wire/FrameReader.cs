using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Agent.Shim.Contract;

/// <summary>
/// Reads one frame's payload. Bytes after the last known field are ignored, and a field read past the end has its zero value: so a
/// newer version may append fields to a message and still talk to an older one. A field cut in the middle is an error.
/// </summary>
public ref struct FrameReader(ReadOnlySpan<byte> payload)
{
    private ReadOnlySpan<byte> _rest = payload;

    /// <summary>
    /// Finds the first frame of <paramref name="buffer"/>. Returns the frame's whole size, or 0 when it has not arrived completely.
    /// </summary>
    public static int TryFrame(ReadOnlySpan<byte> buffer, out FrameKind kind, out ReadOnlySpan<byte> payload)
    {
        kind = default;
        payload = default;
        var size = FrameSize(buffer);
        if (size == 0 || buffer.Length < size) return 0;
        kind = (FrameKind)buffer[4];
        payload = buffer[ShimProtocol.HeaderSize..size];
        return size;
    }

    /// <summary>The size of the frame that begins here, or 0 while its length is unknown.</summary>
    public static int FrameSize(ReadOnlySpan<byte> buffer)
    {
        if (buffer.Length < sizeof(int)) return 0;
        var length = BinaryPrimitives.ReadInt32LittleEndian(buffer);
        return length is >= 1 and <= ShimProtocol.MaxFrame - sizeof(int) ? length + sizeof(int) : throw new ShimProtocolException("A frame has an impossible length.");
    }

    public byte Byte() => _rest.IsEmpty ? (byte)0 : Take(1)[0];

    public bool Bool() => Byte() != 0;

    public ushort UInt16() => _rest.IsEmpty ? (ushort)0 : BinaryPrimitives.ReadUInt16LittleEndian(Take(2));

    public int Int32() => _rest.IsEmpty ? 0 : BinaryPrimitives.ReadInt32LittleEndian(Take(4));

    public uint UInt32() => (uint)Int32();

    public long Int64() => _rest.IsEmpty ? 0 : BinaryPrimitives.ReadInt64LittleEndian(Take(8));

    public string Text() => Encoding.UTF8.GetString(Take(Int32()));

    public string[] Texts()
    {
        var count = Int32();

        // Every string takes at least its length field, which bounds the array by what really arrived.
        if (count < 0 || count > _rest.Length / sizeof(int)) throw new ShimProtocolException("A list is longer than its frame.");
        var values = count == 0 ? [] : new string[count];
        for (var i = 0; i < count; i++) values[i] = Text();
        return values;
    }

    private ReadOnlySpan<byte> Take(int size)
    {
        if (size < 0 || size > _rest.Length) throw new ShimProtocolException("A field is cut short.");
        var taken = _rest[..size];
        _rest = _rest[size..];
        return taken;
    }
}
