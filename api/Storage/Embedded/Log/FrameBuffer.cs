using System.Buffers.Binary;

namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>Where the writer composes one frame; reused from batch to batch.</summary>
internal sealed class FrameBuffer
{
    private const int KeptCapacity = 1024 * 1024;
    private byte[] _bytes = new byte[64 * 1024];
    private int _length = LogFrame.HeaderLength;

    public int Changes { get; private set; }

    public int FrameLength => LogFrame.PaddedLength(_length - LogFrame.HeaderLength);

    public void Clear()
    {
        _length = LogFrame.HeaderLength;
        Changes = 0;
        if (_bytes.Length > KeptCapacity)
        {
            _bytes = new byte[64 * 1024];
        }
    }

    public void Add(in LogChange change)
    {
        Reserve(change.MaxLength);
        _length += change.Write(_bytes.AsSpan(_length));
        Changes++;
    }

    public void Add(long number)
    {
        Reserve(sizeof(long));
        BinaryPrimitives.WriteInt64LittleEndian(_bytes.AsSpan(_length), number);
        _length += sizeof(long);
    }

    public ReadOnlySpan<byte> Seal(ulong salt, ulong sequence, long firstRevision, long time)
    {
        var frame = new LogFrame(salt, sequence, firstRevision, time, Changes, _length - LogFrame.HeaderLength);
        Span<byte> bytes = _bytes.AsSpan(0, frame.Length);
        bytes[_length..].Clear();
        frame.WriteHeader(bytes);
        return bytes;
    }

    private void Reserve(int more)
    {
        int needed = _length + more + 8;
        if (needed > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(needed, _bytes.Length * 2));
        }
    }
}
