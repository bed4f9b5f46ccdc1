using System.Globalization;
using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// A container's log in CRI format, one entry a line: <c>2006-01-02T15:04:05.000000000Z stdout F text</c>. A line longer than
/// <see cref="LineLimit"/> is cut into entries tagged P, the last one F. Rotation renames PATH to PATH.1, PATH.1 to PATH.2 and so on,
/// always between entries. Memory is bounded whatever the container writes; when the disk fails, bytes are counted and dropped, because
/// a container must not stop for its log.
/// </summary>
internal sealed class ContainerLog
{
    internal const int LineLimit = 16 * 1024;

    // "timestamp stdout F " and the newline.
    private const int EntryOverhead = CriTimestamp.Length + 1 + 6 + 1 + 1 + 1 + 1;

    // Shared by all logs: filled and written out within one Append.
    private static readonly byte[] Output = new byte[2 * (LineLimit + EntryOverhead)];
    private static int _filled;

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly int _maxFiles;
    private readonly Partial _stdout = new();
    private readonly Partial _stderr = new();
    private int _descriptor = -1;
    private long _size;
    private bool _torn;

    internal ContainerLog(string path, long maxBytes, int maxFiles)
    {
        _path = path;
        _maxBytes = maxBytes > 0 ? maxBytes : long.MaxValue;
        _maxFiles = Math.Max(1, maxFiles);
        Open();
    }

    /// <summary>Bytes that could not be written.</summary>
    internal long BytesLost { get; private set; }

    /// <summary>Logs a piece of output as of <paramref name="now"/>. A line not yet ended is held back until it is.</summary>
    internal void Append(FrameKind stream, ReadOnlySpan<byte> data, long now)
    {
        Span<byte> stamp = stackalloc byte[CriTimestamp.Length];
        CriTimestamp.Format(now, stamp);
        var partial = stream == FrameKind.Stderr ? _stderr : _stdout;
        while (!data.IsEmpty)
        {
            var newline = data.IndexOf((byte)'\n');
            var take = newline >= 0 ? newline : data.Length;
            if (take > LineLimit - partial.Length)
            {
                take = LineLimit - partial.Length;
                Emit(stamp, stream, (byte)'P', partial.Held, data[..take]);
                partial.Length = 0;
            }
            else if (newline >= 0)
            {
                Emit(stamp, stream, (byte)'F', partial.Held, data[..take]);
                partial.Length = 0;
                take++;
            }
            else
            {
                partial.Hold(data);
            }

            data = data[take..];
        }

        WriteOut();
    }

    /// <summary>Writes what was held back and closes the file.</summary>
    internal void Close(long now)
    {
        Span<byte> stamp = stackalloc byte[CriTimestamp.Length];
        CriTimestamp.Format(now, stamp);
        if (_stdout.Length > 0) Emit(stamp, FrameKind.Stdout, (byte)'P', _stdout.Held, []);
        if (_stderr.Length > 0) Emit(stamp, FrameKind.Stderr, (byte)'P', _stderr.Held, []);
        _stdout.Length = _stderr.Length = 0;
        WriteOut();
        FileDescriptor.Close(_descriptor);
        _descriptor = -1;
    }

    private void Emit(ReadOnlySpan<byte> stamp, FrameKind stream, byte tag, ReadOnlySpan<byte> held, ReadOnlySpan<byte> data)
    {
        var size = EntryOverhead + held.Length + data.Length;
        if (_size + _filled > 0 && _size + _filled + size > _maxBytes) Rotate();
        if (_filled + size > Output.Length) WriteOut();
        var target = Output.AsSpan(_filled);
        stamp.CopyTo(target);
        (stream == FrameKind.Stderr ? " stderr "u8 : " stdout "u8).CopyTo(target[CriTimestamp.Length..]);
        target = target[(CriTimestamp.Length + 8)..];
        target[0] = tag;
        target[1] = (byte)' ';
        held.CopyTo(target[2..]);
        data.CopyTo(target[(2 + held.Length)..]);
        target[2 + held.Length + data.Length] = (byte)'\n';
        _filled += size;
    }

    private void WriteOut()
    {
        var rest = Output.AsSpan(0, _filled);
        _filled = 0;
        if (rest.IsEmpty) return;
        if (_descriptor < 0)
        {
            BytesLost += rest.Length;
            return;
        }

        // After a failed write the file may end inside an entry; a newline keeps the damage to that one.
        if (_torn && FileDescriptor.Write(_descriptor, "\n"u8) == 1) _torn = false;
        while (!rest.IsEmpty)
        {
            var count = FileDescriptor.Write(_descriptor, rest);
            if (count <= 0)
            {
                BytesLost += rest.Length;
                _torn = true;
                return;
            }

            _size += count;
            rest = rest[count..];
        }
    }

    private void Rotate()
    {
        WriteOut();
        FileDescriptor.Close(_descriptor);
        _descriptor = -1;
        if (_maxFiles == 1) SmallFile.Remove(_path);
        for (var i = _maxFiles - 1; i >= 1; i--) SmallFile.TryRename(Rotated(i - 1), Rotated(i));
        _torn = false;
        Open();
    }

    private string Rotated(int index) => index == 0 ? _path : _path + "." + index.ToString(CultureInfo.InvariantCulture);

    private void Open()
    {
        _descriptor = FileDescriptor.Open(_path, OpenMode.Append, 0x1A0 /* 0640 */);
        _size = FileDescriptor.Size(_descriptor);
    }

    /// <summary>The beginning of a line whose end has not come.</summary>
    private sealed class Partial
    {
        private byte[] _buffer = [];

        internal int Length { get; set; }

        internal ReadOnlySpan<byte> Held => _buffer.AsSpan(0, Length);

        internal void Hold(ReadOnlySpan<byte> data)
        {
            if (_buffer.Length < Length + data.Length) Array.Resize(ref _buffer, Math.Min(LineLimit, Math.Max(Length + data.Length, _buffer.Length * 2)));
            data.CopyTo(_buffer.AsSpan(Length));
            Length += data.Length;
        }
    }
}
