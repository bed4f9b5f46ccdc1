using System.Globalization;

namespace ControlPlane.Agent.Images.Unpacking;

/// <summary>One 512-byte header block.</summary>
internal readonly ref struct TarHeader(ReadOnlySpan<byte> block)
{
    private const string AttributePrefix = "SCHILY.xattr.";

    private readonly ReadOnlySpan<byte> _block = block;

    public char Type => (char)_block[156];

    public long Size => Number(_block.Slice(124, 12));

    private bool IsUstar => _block.Slice(257, 6).SequenceEqual("ustar\0"u8);

    public void VerifyChecksum()
    {
        long sum = 0;
        for (var i = 0; i < _block.Length; i++)
            sum += i is >= 148 and < 156 ? ' ' : _block[i];
        if (sum != Number(_block.Slice(148, 8)))
            throw new InvalidImageException("the archive has a header with a wrong checksum");
    }

    public TarEntry ToEntry(Dictionary<string, byte[]>? pax, string? longName, string? longLink)
    {
        var name = Text(pax, "path") ?? longName ?? HeaderName();
        var kind = Kind(name);
        var size = Integer(pax, "size") ?? Size;
        if (size < 0)
            throw new InvalidImageException($"{ByteString.Display(name)} has a negative size");
        return new TarEntry
        {
            Kind = kind,
            Name = name,
            LinkTarget = Text(pax, "linkpath") ?? longLink ?? TrimmedString(_block.Slice(157, 100)),
            Mode = (uint)Number(_block.Slice(100, 8)) & 0xFFF,
            User = Id(Integer(pax, "uid") ?? Number(_block.Slice(108, 8)), name),
            Group = Id(Integer(pax, "gid") ?? Number(_block.Slice(116, 8)), name),
            // Links and real directories have no data whatever their size says; an old directory is a file by its type.
            Size = Type is '0' or '\0' or '7' ? size : 0,
            Modified = Time(pax) ?? new Timespec { Seconds = Number(_block.Slice(136, 12)) },
            Attributes = Attributes(pax),
        };
    }

    public static string TrimmedString(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        return ByteString.From(end < 0 ? field : field[..end]);
    }

    private TarEntryKind Kind(string name) => Type switch
    {
        // Old archives mark a directory only by the slash at its end.
        '0' or '\0' or '7' => name.EndsWith('/') ? TarEntryKind.Directory : TarEntryKind.File,
        '1' => TarEntryKind.HardLink,
        '2' => TarEntryKind.SymbolicLink,
        '3' => TarEntryKind.CharacterDevice,
        '4' => TarEntryKind.BlockDevice,
        '5' => TarEntryKind.Directory,
        '6' => TarEntryKind.Fifo,
        var type => throw new InvalidImageException($"{ByteString.Display(name)} is of an unsupported kind '{type}'"),
    };

    private string HeaderName()
    {
        var name = TrimmedString(_block[..100]);
        var prefix = IsUstar ? TrimmedString(_block.Slice(345, 155)) : "";
        return prefix.Length == 0 ? name : prefix + "/" + name;
    }

    private static string? Text(Dictionary<string, byte[]>? pax, string key) =>
        pax is not null && pax.TryGetValue(key, out var value) ? ByteString.From(value) : null;

    private static long? Integer(Dictionary<string, byte[]>? pax, string key)
    {
        if (Text(pax, key) is not { } text)
            return null;
        return long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value)
            ? value
            : throw new InvalidImageException($"the archive has a malformed {key}");
    }

    private static Timespec? Time(Dictionary<string, byte[]>? pax)
    {
        if (Text(pax, "mtime") is not { } text)
            return null;
        if (!decimal.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value)
            || value is < long.MinValue or > long.MaxValue)
            throw new InvalidImageException("the archive has a malformed mtime");
        var seconds = decimal.Floor(value);
        return new Timespec { Seconds = (long)seconds, Nanoseconds = (long)((value - seconds) * 1_000_000_000) };
    }

    private static Dictionary<string, byte[]>? Attributes(Dictionary<string, byte[]>? pax)
    {
        Dictionary<string, byte[]>? attributes = null;
        foreach (var (key, value) in pax ?? [])
            if (key.StartsWith(AttributePrefix, StringComparison.Ordinal))
                (attributes ??= [])[key[AttributePrefix.Length..]] = value;
        return attributes;
    }

    // -1 means "leave as it is" to chown, so it is no owner.
    private static uint Id(long value, string name) => value is >= 0 and < uint.MaxValue
        ? (uint)value
        : throw new InvalidImageException($"{ByteString.Display(name)} has an impossible owner");

    // Octal text, or, with the top bit set, a big-endian number.
    private static long Number(ReadOnlySpan<byte> field)
    {
        if ((field[0] & 0x80) != 0)
            return Binary(field);
        long value = 0;
        foreach (var digit in field.Trim(" \0"u8))
        {
            if (digit is < (byte)'0' or > (byte)'7')
                throw new InvalidImageException("the archive has a malformed number");
            value = (value << 3) | (uint)(digit - '0');
        }

        return value;
    }

    private static long Binary(ReadOnlySpan<byte> field)
    {
        // A leading 0xFF is the sign of a negative number, which only a time may have.
        long value = field[0] == 0xFF ? -1 : field[0] & 0x7F;
        foreach (var digit in field[1..])
        {
            if (value is > long.MaxValue >> 8 or < long.MinValue >> 8)
                throw new InvalidImageException("the archive has a number out of range");
            value = (value << 8) | digit;
        }

        return value;
    }
}
