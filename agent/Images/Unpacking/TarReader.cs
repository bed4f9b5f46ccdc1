using System.Globalization;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>
/// Reads ustar, PAX and GNU archives from a forward-only stream. The framework's reader decodes attribute values as
/// text, which corrupts file capabilities; this one keeps every byte, and hands out file data from its own buffer so
/// that nothing is copied between inflating and writing.
/// </summary>
internal sealed class TarReader(Stream source)
{
    private const int BlockSize = 512;
    private const int MaxHeaderExtension = 1 << 20;

    private readonly byte[] _buffer = new byte[256 * 1024];
    private int _start;
    private int _end;
    private long _dataLeft;
    private long _padding;
    private Dictionary<string, byte[]>? _global;

    /// <summary>The next entry, or null at the end of the archive. What is left of the current entry's data is skipped.</summary>
    public TarEntry? Next()
    {
        Skip(_dataLeft + _padding);
        _dataLeft = _padding = 0;
        Dictionary<string, byte[]>? attributes = null;
        string? longName = null, longLink = null;
        while (true)
        {
            var block = ReadBlock();
            if (block.IsEmpty || !block.ContainsAnyExcept((byte)0))
                return null;
            var header = new TarHeader(block);
            header.VerifyChecksum();
            switch (header.Type)
            {
                case 'x':
                    attributes = PaxRecords.Parse(ReadExtension(header.Size));
                    continue;
                case 'g':
                    _global = PaxRecords.Merge(_global, PaxRecords.Parse(ReadExtension(header.Size)));
                    continue;
                case 'L':
                    longName = TarHeader.TrimmedString(ReadExtension(header.Size));
                    continue;
                case 'K':
                    longLink = TarHeader.TrimmedString(ReadExtension(header.Size));
                    continue;
                default:
                    return Begin(header.ToEntry(PaxRecords.Merge(_global, attributes), longName, longLink));
            }
        }
    }

    /// <summary>The next piece of the current file's data, valid until the next call; empty at its end.</summary>
    public ReadOnlySpan<byte> ReadData()
    {
        if (_dataLeft == 0)
            return default;
        if (_start == _end && !Fill())
            throw Truncated();
        var count = (int)Math.Min(_dataLeft, _end - _start);
        var piece = _buffer.AsSpan(_start, count);
        _start += count;
        _dataLeft -= count;
        return piece;
    }

    /// <summary>Reads whatever follows the archive, so that a digest over the source covers all of it.</summary>
    public void Drain()
    {
        _start = _end = 0;
        while (source.Read(_buffer) > 0)
        {
        }
    }

    private TarEntry Begin(TarEntry entry)
    {
        _dataLeft = entry.Size;
        _padding = Padding(entry.Size);
        return entry;
    }

    private byte[] ReadExtension(long size)
    {
        if (size is < 0 or > MaxHeaderExtension)
            throw new InvalidImageException(string.Create(CultureInfo.InvariantCulture, $"the archive has a header extension of {size} bytes"));
        var data = new byte[size];
        var filled = 0;
        while (filled < data.Length)
        {
            if (_start == _end && !Fill())
                throw Truncated();
            var count = Math.Min(data.Length - filled, _end - _start);
            _buffer.AsSpan(_start, count).CopyTo(data.AsSpan(filled));
            _start += count;
            filled += count;
        }

        Skip(Padding(size));
        return data;
    }

    private ReadOnlySpan<byte> ReadBlock()
    {
        while (_end - _start < BlockSize)
        {
            if (!Fill())
                return _start == _end ? default : throw Truncated();
        }

        var block = _buffer.AsSpan(_start, BlockSize);
        _start += BlockSize;
        return block;
    }

    private void Skip(long count)
    {
        while (count > 0)
        {
            if (_start == _end && !Fill())
                throw Truncated();
            var step = (int)Math.Min(count, _end - _start);
            _start += step;
            count -= step;
        }
    }

    private bool Fill()
    {
        if (_start == _end)
        {
            _start = _end = 0;
        }
        else if (_end == _buffer.Length)
        {
            _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
            _end -= _start;
            _start = 0;
        }

        var read = source.Read(_buffer.AsSpan(_end));
        _end += read;
        return read > 0;
    }

    private static long Padding(long size) => (BlockSize - (size % BlockSize)) % BlockSize;

    private static InvalidImageException Truncated() => new("the archive ends in the middle of an entry");
}
