using System.Buffers.Binary;
using ControlPlane.Api.Storage.Embedded.Files;

namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>What recovery found behind the last good frame.</summary>
/// <param name="File">The segment.</param>
/// <param name="Offset">Where the log goes on.</param>
/// <param name="Bytes">How many written bytes were cut; 0 when the log ended cleanly.</param>
internal sealed record LogTail(string File, long Offset, long Bytes);

/// <summary>
/// Reads the log from its first segment to its end. The end is the first place without an intact frame. A frame is only written after
/// the one before it was synced, so an intact later frame anywhere behind that place proves damage rather than an interrupted write.
/// </summary>
internal sealed class LogRecovery(IStoreFiles files, Action<LogFrame, LogChange, long> replay)
{
    private readonly List<SealedSegment> _finished = [];
    private ulong _nextSequence;

    public ulong NextSequence => Math.Max(_nextSequence, 1);

    /// <summary>The revision after the last change, or 0 when the log holds none.</summary>
    public long NextRevision { get; private set; }

    public LogTail Tail { get; private set; } = new("", 0, 0);

    /// <summary>Segments before the one that goes on.</summary>
    public IReadOnlyList<SealedSegment> Finished => _finished;

    /// <summary>
    /// Replays every change and returns the segment to go on with, or null when there is no log at all.
    /// Segments without a frame behind it are named in <paramref name="unused"/>.
    /// </summary>
    public Segment? Run(IEnumerable<string> names, List<string> unused)
    {
        Segment? last = null;
        long lastIndex = 0;
        long lastRevision = 0;
        byte[] buffer = [];
        foreach ((long index, string name) in InOrder(names))
        {
            Segment segment = Segment.Open(files, name);
            int length = (int)segment.File.Length;
            buffer = buffer.Length >= length ? buffer : new byte[length];
            ReadOnlySpan<byte> bytes = buffer.AsSpan(0, segment.File.Read(0, buffer.AsSpan(0, length)));
            long end = ReadFrames(segment, bytes);
            if (last is not null && end == Segment.DataOffset)
            {
                // Were there damage before it, frames further on would show it; so nothing was ever acknowledged from here.
                segment.Dispose();
                unused.Add(name);
                continue;
            }

            if (last is not null)
            {
                _finished.Add(new SealedSegment(last.File.Name, lastIndex, lastRevision));
                last.Dispose();
            }

            (last, lastIndex, lastRevision) = (segment, index, NextRevision - 1);
            Tail = new LogTail(name, end, WrittenAfter(bytes, end, segment.Salt));
        }

        return last;
    }

    private List<(long Index, string Name)> InOrder(IEnumerable<string> names)
    {
        var segments = new List<(long Index, string Name)>();
        foreach (string name in names)
        {
            if (Segment.TryParse(name, out long index))
            {
                segments.Add((index, name));
            }
        }

        segments.Sort();
        for (int i = 1; i < segments.Count; i++)
        {
            if (segments[i].Index != segments[i - 1].Index + 1)
            {
                throw Corruption.At(files, Segment.NameOf(segments[i - 1].Index + 1), 0, "the segment is missing");
            }
        }

        return segments;
    }

    private long ReadFrames(Segment segment, ReadOnlySpan<byte> bytes)
    {
        int offset = Segment.DataOffset;
        while (offset < bytes.Length && LogFrame.TryRead(bytes[offset..], segment.Salt, out LogFrame frame))
        {
            RequireNext(segment, frame, offset);
            Replay(segment, frame, bytes.Slice(offset + LogFrame.HeaderLength, frame.PayloadLength), offset);
            offset += frame.Length;
        }

        RequireNothingAfter(segment, bytes, offset);
        return offset;
    }

    private void RequireNext(Segment segment, LogFrame frame, int offset)
    {
        bool first = _nextSequence == 0;
        if (!first && (frame.Sequence != _nextSequence || frame.FirstRevision != NextRevision))
        {
            throw Corruption.At(
                files,
                segment.File.Name,
                offset,
                $"record {frame.Sequence} (revision {frame.FirstRevision}) follows where record {_nextSequence} (revision {NextRevision}) belongs; what lies between is damaged");
        }

        _nextSequence = frame.Sequence + 1;
        NextRevision = frame.FirstRevision + frame.Changes;
    }

    private void Replay(Segment segment, LogFrame frame, ReadOnlySpan<byte> payload, int offset)
    {
        for (int i = 0; i < frame.Changes; i++)
        {
            if (!LogChange.TryRead(payload, out LogChange change, out int length))
            {
                throw Corruption.At(files, segment.File.Name, offset, $"record {frame.Sequence} is intact but does not parse");
            }

            replay(frame, change, frame.FirstRevision + i);
            payload = payload[length..];
        }
    }

    private void RequireNothingAfter(Segment segment, ReadOnlySpan<byte> bytes, int end)
    {
        for (int offset = end; offset + LogFrame.HeaderLength <= bytes.Length; offset += 8)
        {
            if (BinaryPrimitives.ReadUInt64LittleEndian(bytes[(offset + 8)..]) == segment.Salt && LogFrame.TryRead(bytes[offset..], segment.Salt, out LogFrame frame))
            {
                throw Corruption.At(files, segment.File.Name, end, $"the record here is damaged, yet record {frame.Sequence} follows intact at byte {offset}");
            }
        }
    }

    /// <summary>How much of an interrupted frame lies at the end: from there to the last byte of its header or length, 0 when nothing of this segment's life does.</summary>
    private static long WrittenAfter(ReadOnlySpan<byte> bytes, long end, ulong salt)
    {
        ReadOnlySpan<byte> rest = bytes[(int)Math.Min(end, bytes.Length)..];
        if (rest.Length < LogFrame.HeaderLength)
        {
            return rest.TrimEnd((byte)0).Length;
        }

        if (BinaryPrimitives.ReadUInt64LittleEndian(rest[8..]) != salt)
        {
            return 0;
        }

        long claimed = LogFrame.HeaderLength + BinaryPrimitives.ReadUInt32LittleEndian(rest[4..]);
        return Math.Min(claimed, rest.Length);
    }
}
