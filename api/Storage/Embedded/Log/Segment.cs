using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using ControlPlane.Api.Storage.Embedded.Files;

namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>
/// One file of the log. Its first 4 KiB hold the magic, a random salt and their checksum, written and synced before the file gets its
/// name, so that a bad header is always damage and never an interrupted creation.
/// </summary>
internal sealed class Segment(IStoreFile file, ulong salt) : IDisposable
{
    public const int DataOffset = 4096;
    public const string Prefix = "log-";
    public const string SparePrefix = "spare-";
    private const ulong Magic = 0x3130474F4C5043; // "CPLOG01"
    private static readonly byte[] Zeros = new byte[1024 * 1024];

    public IStoreFile File { get; } = file;

    public ulong Salt { get; } = salt;

    public static string NameOf(long index) => Prefix + index.ToString("x16", CultureInfo.InvariantCulture);

    public static bool TryParse(string name, out long index)
    {
        index = 0;
        return name.StartsWith(Prefix, StringComparison.Ordinal)
            && long.TryParse(name.AsSpan(Prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out index);
    }

    /// <summary>A file ready to become a segment. Writing zeros first (<paramref name="thorough"/>) spares the log the metadata writes of touching reserved space.</summary>
    public static Segment Prepare(IStoreFile file, long length, bool thorough)
    {
        bool used = file.Length >= length;
        file.Allocate(length);
        if (thorough && !used)
        {
            for (long offset = 0; offset < length; offset += Zeros.Length)
            {
                file.Write(offset, Zeros.AsSpan(0, (int)Math.Min(Zeros.Length, length - offset)));
            }
        }

        Span<byte> header = stackalloc byte[20];
        ulong salt = BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        BinaryPrimitives.WriteUInt64LittleEndian(header, Magic);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], salt);
        BinaryPrimitives.WriteUInt32LittleEndian(header[16..], LogFrame.Checksum(header[..16]));
        file.Write(0, header);
        file.Sync();
        return new Segment(file, salt);
    }

    public static Segment Open(IStoreFiles files, string name)
    {
        IStoreFile file = files.Open(name);
        Span<byte> header = stackalloc byte[20];
        if (file.Read(0, header) == header.Length
            && BinaryPrimitives.ReadUInt64LittleEndian(header) == Magic
            && BinaryPrimitives.ReadUInt32LittleEndian(header[16..]) == LogFrame.Checksum(header[..16]))
        {
            return new Segment(file, BinaryPrimitives.ReadUInt64LittleEndian(header[8..]));
        }

        file.Dispose();
        throw Corruption.At(files, name, 0, "the segment's header is damaged");
    }

    public void Dispose() => File.Dispose();
}
