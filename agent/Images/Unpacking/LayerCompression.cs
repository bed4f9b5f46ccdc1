using System.IO.Compression;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>Finds out how a layer is compressed by its first bytes; media types are often wrong about it.</summary>
internal static class LayerCompression
{
    public static Stream Open(Stream blob)
    {
        Span<byte> magic = stackalloc byte[4];
        var length = blob.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
        blob.Position = 0;
        magic = magic[..length];
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x1F, 0x8B]))
            return new GZipStream(new BufferedStream(blob, 128 * 1024), CompressionMode.Decompress);
        if (magic.StartsWith((ReadOnlySpan<byte>)[0x28, 0xB5, 0x2F, 0xFD]))
            return new ZstandardInflater(blob);
        return blob;
    }
}
