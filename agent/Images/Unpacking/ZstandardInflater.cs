using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>Inflates zstd with the system's libzstd.</summary>
internal sealed unsafe partial class ZstandardInflater : Stream
{
    private const string Library = "libzstd.so.1";

    private readonly Stream _source;
    private readonly byte[] _input = new byte[128 * 1024];
    private nint _context;
    private int _start;
    private int _end;
    private nuint _frameLeft;
    private bool _outputPending;

    public ZstandardInflater(Stream source)
    {
        _source = source;
        try
        {
            _context = ZSTD_createDCtx();
        }
        catch (DllNotFoundException e)
        {
            throw new InvalidImageException($"the layer is compressed with zstd and {Library} is missing: install libzstd1", e);
        }
    }

    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (true)
        {
            if (_start == _end && !_outputPending)
            {
                _start = 0;
                _end = _source.Read(_input);
                // A frame that is not over when the input is: what was promised is missing.
                if (_end == 0)
                    return _frameLeft == 0 ? 0 : throw new InvalidDataException("the data ends in the middle of a frame");
            }

            var produced = Inflate(buffer);
            if (produced > 0)
                return produced;
        }
    }

    private int Inflate(Span<byte> buffer)
    {
        fixed (byte* output = buffer)
        fixed (byte* input = _input)
        {
            var outputBuffer = new Buffer { Data = output, Size = (nuint)buffer.Length };
            var inputBuffer = new Buffer { Data = input, Size = (nuint)_end, Position = (nuint)_start };
            _frameLeft = ZSTD_decompressStream(_context, &outputBuffer, &inputBuffer);
            if (ZSTD_isError(_frameLeft) != 0)
                throw new InvalidDataException(Marshal.PtrToStringUTF8(ZSTD_getErrorName(_frameLeft)));
            _start = (int)inputBuffer.Position;
            // A full output buffer may mean that more is waiting inside, even with no input left.
            _outputPending = outputBuffer.Position == outputBuffer.Size;
            return (int)outputBuffer.Position;
        }
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (_context != 0)
            _ = ZSTD_freeDCtx(_context);
        _context = 0;
        if (disposing)
            _source.Dispose();
        base.Dispose(disposing);
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Data;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Library)]
    private static partial nint ZSTD_createDCtx();

    [LibraryImport(Library)]
    private static partial nuint ZSTD_freeDCtx(nint context);

    [LibraryImport(Library)]
    private static partial nuint ZSTD_decompressStream(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Library)]
    private static partial uint ZSTD_isError(nuint code);

    [LibraryImport(Library)]
    private static partial nint ZSTD_getErrorName(nuint code);
}
