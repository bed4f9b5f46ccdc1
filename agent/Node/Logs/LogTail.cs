using System.Buffers;

namespace ControlPlane.Agent.Logs;

/// <summary>Finds where the last lines of a log begin, reading from its end.</summary>
internal static class LogTail
{
    private const int BlockSize = 64 * 1024;

    /// <param name="segments">The log's files, oldest first.</param>
    /// <param name="lines">How many lines are wanted.</param>
    public static (int Segment, long Offset) Find(IReadOnlyList<LogSegment> segments, long lines)
    {
        if (lines <= 0)
            return (segments.Count - 1, segments[^1].Length);
        for (var i = segments.Count - 1; i >= 0; i--)
        {
            var found = FindIn(segments[i], ref lines);
            if (found is { } offset)
                return (i, offset);
        }

        return (0, 0);
    }

    // The newline that ends the line before the wanted ones; null when all lines of the file are wanted.
    private static long? FindIn(LogSegment segment, ref long lines)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BlockSize);
        try
        {
            var end = segment.Length;
            var isLast = true;
            while (end > 0)
            {
                var start = Math.Max(0, end - BlockSize);
                var block = buffer.AsSpan(0, segment.Read(buffer.AsSpan(0, (int)(end - start)), start));
                for (var at = block.LastIndexOf((byte)'\n'); at >= 0; at = block[..at].LastIndexOf((byte)'\n'))
                {
                    // The newline at the very end closes the last line and begins none.
                    if (isLast && start + at == segment.Length - 1)
                    {
                        isLast = false;
                        continue;
                    }

                    isLast = false;
                    if (--lines == 0)
                        return start + at + 1;
                }

                end = start;
            }

            // The first line of a file has no newline before it.
            return segment.Length > 0 && --lines == 0 ? 0 : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
