using System.Buffers.Binary;
using System.Text;

namespace ControlPlane.Agent.Shim.Contract;

/// <summary>
/// Builds frames in one growing buffer: <see cref="Begin"/>, fields, <see cref="End"/>, as often as frames are to travel together.
/// Integers are little-endian; strings are UTF-8 behind their length in bytes.
/// </summary>
public sealed class FrameWriter
{
    private byte[] _buffer;
    private int _length;
    private int _frame;

    /// <summary>Creates an empty writer.</summary>
    public FrameWriter(int capacity = 256) => _buffer = new byte[capacity];

    /// <summary>The finished frames.</summary>
    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, _length);

    /// <summary>Writes the header of a frame with nothing known about its payload but the size.</summary>
    public static void WriteHeader(Span<byte> header, FrameKind kind, int payload)
    {
        BinaryPrimitives.WriteInt32LittleEndian(header, payload + 1);
        header[4] = (byte)kind;
    }

    /// <summary>Starts a frame.</summary>
    public FrameWriter Begin(FrameKind kind)
    {
        _frame = _length;
        Claim(ShimProtocol.HeaderSize)[4] = (byte)kind;
        return this;
    }

    /// <summary>Ends the frame begun last.</summary>
    public FrameWriter End()
    {
        WriteHeader(_buffer.AsSpan(_frame), (FrameKind)_buffer[_frame + 4], _length - _frame - ShimProtocol.HeaderSize);
        return _length - _frame <= ShimProtocol.MaxFrame ? this : throw new ShimProtocolException("The request is larger than a frame may be.");
    }

    /// <summary>Forgets what was written, keeping the buffer.</summary>
    public void Clear() => _length = 0;

    public FrameWriter Byte(byte value)
    {
        Claim(1)[0] = value;
        return this;
    }

    public FrameWriter Bool(bool value) => Byte(value ? (byte)1 : (byte)0);

    public FrameWriter UInt16(ushort value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(Claim(2), value);
        return this;
    }

    public FrameWriter Int32(int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(Claim(4), value);
        return this;
    }

    public FrameWriter UInt32(uint value) => Int32((int)value);

    public FrameWriter Int64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Claim(8), value);
        return this;
    }

    public FrameWriter Text(string value)
    {
        var size = Encoding.UTF8.GetByteCount(value);
        Int32(size);
        Encoding.UTF8.GetBytes(value, Claim(size));
        return this;
    }

    public FrameWriter Texts(IReadOnlyList<string> values)
    {
        Int32(values.Count);
        for (var i = 0; i < values.Count; i++) Text(values[i]);
        return this;
    }

    public FrameWriter Raw(ReadOnlySpan<byte> value)
    {
        value.CopyTo(Claim(value.Length));
        return this;
    }

    private Span<byte> Claim(int size)
    {
        if (_buffer.Length - _length < size) Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + size));
        var span = _buffer.AsSpan(_length, size);
        _length += size;
        return span;
    }
}
