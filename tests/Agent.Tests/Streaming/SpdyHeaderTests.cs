using System.Buffers.Binary;
using System.IO.Compression;
using ControlPlane.Agent.Streaming.Spdy;

namespace ControlPlane.Agent.Tests.Streaming;

public sealed class SpdyHeaderTests
{
    [Fact]
    public void Dictionary_IsTheOneOfTheSpecification()
    {
        uint a = 1, b = 0;
        foreach (var value in SpdyDictionary.Bytes.Span)
        {
            a = (a + value) % 65521;
            b = (b + a) % 65521;
        }

        Assert.Equal(1423, SpdyDictionary.Bytes.Length);
        Assert.Equal(0xE3C6A7C2u, (b << 16) | a);
    }

    [Fact]
    public void Decode_SeveralBlocksOfOneStream_ReadsEach()
    {
        var encoder = new SpdyHeaderEncoder();
        using var decoder = new SpdyHeaderDecoder();
        for (var i = 0; i < 5; i++)
        {
            var headers = new Dictionary<string, string> { ["streamtype"] = "data", ["port"] = "80", ["requestid"] = $"{i}" };
            Assert.Equal(headers, decoder.Decode(encoder.Encode(headers)));
        }
    }

    [Fact]
    public void Decode_CompressedBlocks_ReadsEach()
    {
        // A client's compressor without dictionary, flushed after each block.
        using var wire = new MemoryStream();
        using var deflate = new ZLibStream(wire, CompressionLevel.Optimal);
        using var decoder = new SpdyHeaderDecoder();
        for (var i = 0; i < 20; i++)
        {
            wire.SetLength(0);
            deflate.Write(Block(("streamtype", "error"), ("requestid", $"{i}")));
            deflate.Flush();
            Assert.Equal($"{i}", decoder.Decode(wire.ToArray())["requestID"]);
        }
    }

    [Theory]
    [InlineData(new byte[] { 0x78 })]
    [InlineData(new byte[] { 0x78, 0xBB, 0xE3 })]
    [InlineData(new byte[] { 0x78, 0x01, 0xFF, 0xFF, 0xFF, 0xFF })]
    public void Decode_Garbage_IsAProtocolError(byte[] block)
    {
        using var decoder = new SpdyHeaderDecoder();
        Assert.ThrowsAny<IOException>(() => decoder.Decode(block));
    }

    [Fact]
    public void Decode_HugeLengths_AreRefusedBeforeTheyAreAllocated()
    {
        using var decoder = new SpdyHeaderDecoder();
        byte[] block = [0x78, 0x01, .. SpdyHeaderEncoder.StoredBlock([0, 0, 0, 1, 0x7F, 0xFF, 0xFF, 0xFF])];
        Assert.Throws<SpdyProtocolException>(() => decoder.Decode(block));
    }

    private static byte[] Block(params (string Name, string Value)[] headers)
    {
        var block = new MemoryStream();
        void Length(int n)
        {
            Span<byte> bytes = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(bytes, n);
            block.Write(bytes);
        }

        Length(headers.Length);
        foreach (var (name, value) in headers)
        {
            Length(name.Length);
            block.Write(System.Text.Encoding.ASCII.GetBytes(name));
            Length(value.Length);
            block.Write(System.Text.Encoding.ASCII.GetBytes(value));
        }

        return block.ToArray();
    }
}
