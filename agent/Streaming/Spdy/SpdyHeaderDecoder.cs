using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace ControlPlane.Agent.Streaming.Spdy;

/// <summary>
/// Header blocks of one direction of a connection: one zlib stream with a preset dictionary, flushed after each block.
/// The runtime's inflater takes no dictionary, so it is primed with one: a stored block that holds the dictionary comes first,
/// and what it inflates to is thrown away.
/// </summary>
internal sealed class SpdyHeaderDecoder : IDisposable
{
    private const int ZlibHeaderLength = 2;
    private const int DictionaryIdLength = 4;
    private const int MaximumHeaders = 64;
    private const int MaximumStringLength = 64 * 1024;

    private readonly FrameFeed _feed = new();
    private DeflateStream? _inflater;

    /// <summary>Reads one block. Names are lower case on the wire; lookups ignore case.</summary>
    /// <exception cref="SpdyProtocolException">Not a header block.</exception>
    public Dictionary<string, string> Decode(ReadOnlyMemory<byte> block)
    {
        try
        {
            if (_inflater is null)
                Prime(ref block);
            else
                _feed.Append(block);
            return ReadHeaders(_inflater!);
        }
        catch (InvalidDataException e)
        {
            throw new SpdyProtocolException("A header block is not compressed as SPDY/3 says.", e);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _inflater?.Dispose();

    private void Prime(ref ReadOnlyMemory<byte> block)
    {
        if (block.Length < ZlibHeaderLength)
            throw new SpdyProtocolException("The first header block is too short.");
        var hasDictionary = (block.Span[1] & 0x20) != 0;
        var skip = ZlibHeaderLength + (hasDictionary ? DictionaryIdLength : 0);
        if (block.Length < skip)
            throw new SpdyProtocolException("The first header block is too short.");

        var dictionary = SpdyDictionary.Bytes;
        _feed.Append(SpdyHeaderEncoder.StoredBlock(dictionary.Span));
        _feed.Append(block[skip..]);
        _inflater = new DeflateStream(_feed, CompressionMode.Decompress);
        _inflater.ReadExactly(new byte[dictionary.Length]);
    }

    private static Dictionary<string, string> ReadHeaders(DeflateStream inflater)
    {
        var count = ReadLength(inflater, MaximumHeaders, "headers");
        var headers = new Dictionary<string, string>(count, StringComparer.OrdinalIgnoreCase);
        for (var i = 0; i < count; i++)
        {
            var name = ReadString(inflater);
            headers[name] = ReadString(inflater);
        }

        return headers;
    }

    private static string ReadString(DeflateStream inflater)
    {
        var bytes = new byte[ReadLength(inflater, MaximumStringLength, "bytes in a header")];
        inflater.ReadExactly(bytes);
        return Encoding.UTF8.GetString(bytes);
    }

    private static int ReadLength(DeflateStream inflater, int maximum, string what)
    {
        Span<byte> bytes = stackalloc byte[4];
        inflater.ReadExactly(bytes);
        var length = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return length <= maximum ? (int)length : throw new SpdyProtocolException($"{length} {what}: more than {maximum}.");
    }

    /// <summary>What the inflater reads from: the blocks received so far. Wanting more than that is the peer's fault, not the end.</summary>
    private sealed class FrameFeed : Stream
    {
        private readonly Queue<ReadOnlyMemory<byte>> _blocks = new();

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public void Append(ReadOnlyMemory<byte> block)
        {
            if (!block.IsEmpty)
                _blocks.Enqueue(block);
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override int Read(Span<byte> buffer)
        {
            if (!_blocks.TryPeek(out var block))
                throw new SpdyProtocolException("A header block ends before its headers do.");
            var length = Math.Min(buffer.Length, block.Length);
            block.Span[..length].CopyTo(buffer);
            _blocks.Dequeue();
            if (length < block.Length)
            {
                // The rest goes back to the front; there are rarely two blocks.
                var rest = _blocks.ToArray();
                _blocks.Clear();
                _blocks.Enqueue(block[length..]);
                foreach (var later in rest)
                    _blocks.Enqueue(later);
            }

            return length;
        }

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
