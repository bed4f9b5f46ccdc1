using System.Globalization;
using System.Text;

namespace ControlPlane.Agent.Logs;

/// <summary>
/// One line of a log file as the container runtime interface defines it:
/// <code>2006-01-02T15:04:05.000000000Z stdout F text</code>
/// The tag is F for a full line and P for a part that the next entry of the stream continues.
/// </summary>
internal readonly ref struct CriEntry
{
    private CriEntry(ReadOnlySpan<byte> timestamp, ReadOnlySpan<byte> text, bool isPartial)
    {
        Timestamp = timestamp;
        Text = text;
        IsPartial = isPartial;
    }

    public ReadOnlySpan<byte> Timestamp { get; }

    public ReadOnlySpan<byte> Text { get; }

    public bool IsPartial { get; }

    /// <summary>Reads a line without its newline; false when it is none of this format, e.g. torn by a full disk.</summary>
    public static bool TryParse(ReadOnlySpan<byte> line, out CriEntry entry)
    {
        entry = default;
        var time = line.IndexOf((byte)' ');
        if (time <= 0)
            return false;
        var rest = line[(time + 1)..];
        var stream = rest.IndexOf((byte)' ');
        if (stream < 0 || !(rest[..stream].SequenceEqual("stdout"u8) || rest[..stream].SequenceEqual("stderr"u8)))
            return false;
        rest = rest[(stream + 1)..];
        var tag = rest.IndexOf((byte)' ');
        if (tag <= 0)
            return false;
        entry = new CriEntry(line[..time], rest[(tag + 1)..], rest[0] == (byte)'P');
        return true;
    }

    /// <summary>Whether it was written at <paramref name="time"/> or later.</summary>
    public bool IsSince(DateTimeOffset time) =>
        DateTimeOffset.TryParse(Encoding.ASCII.GetString(Timestamp), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var written)
        && written >= time;
}
