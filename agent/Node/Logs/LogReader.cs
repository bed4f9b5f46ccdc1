using System.Buffers;
using System.IO.Pipelines;

namespace ControlPlane.Agent.Logs;

/// <summary>Reads a container's log as users want to see it, across rotations and, when following, as it grows.</summary>
internal sealed class LogReader(TimeProvider time)
{
    private const int BufferSize = 64 * 1024;
    private static readonly TimeSpan PollInterval = TimeSpan.FromMilliseconds(50);

    /// <summary>Writes the wanted part of a log.</summary>
    /// <param name="path">The log's newest file. A log without files is empty.</param>
    /// <param name="query">What is wanted.</param>
    /// <param name="hasEnded">Whether the container has ended, so that nothing will be added.</param>
    /// <param name="output">Where it goes; flushed whenever the end of the log is reached.</param>
    /// <param name="cancellation">The client has gone.</param>
    public async Task CopyAsync(string path, LogQuery query, Func<bool> hasEnded, PipeWriter output, CancellationToken cancellation)
    {
        var segments = LogSegment.OpenAll(path);
        try
        {
            while (segments.Count == 0 && query.Follow && !hasEnded())
            {
                await Task.Delay(PollInterval, time, cancellation);
                segments = LogSegment.OpenAll(path);
            }

            if (segments.Count == 0)
                return;
            var printer = new LogPrinter(query, output);
            var (first, offset) = query.TailLines is { } lines ? LogTail.Find(segments, lines) : (0, 0L);
            for (var i = first; i < segments.Count; i++, offset = 0)
            {
                offset = await CopySegmentAsync(segments[i], offset, printer, cancellation);
                if (i == segments.Count - 1 && query.Follow)
                    await FollowAsync(segments, offset, printer, hasEnded, cancellation);
                if (printer.IsFull)
                    break;
            }

            await output.FlushAsync(cancellation);
        }
        finally
        {
            segments.ForEach(segment => segment.Dispose());
        }
    }

    private async Task FollowAsync(
        List<LogSegment> segments, long offset, LogPrinter printer, Func<bool> hasEnded, CancellationToken cancellation)
    {
        while (!printer.IsFull)
        {
            // Asked before reading: what was written before the end is then read for sure.
            var ended = hasEnded();
            var next = segments[^1].OpenNext();
            offset = await CopySegmentAsync(segments[^1], offset, printer, cancellation);
            await printer.FlushAsync(cancellation);
            if (next is not null)
            {
                segments[^1].Dispose();
                segments[^1] = next;
                offset = 0;
            }
            else if (ended)
            {
                return;
            }
            else
            {
                await Task.Delay(PollInterval, time, cancellation);
            }
        }
    }

    // Returns the offset after the last whole line.
    private static async Task<long> CopySegmentAsync(LogSegment segment, long offset, LogPrinter printer, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (!printer.IsFull)
            {
                var count = await segment.ReadAsync(buffer, offset, cancellation);
                var end = count == 0 ? -1 : buffer.AsSpan(0, count).LastIndexOf((byte)'\n');
                if (end < 0 && count < buffer.Length)
                    return offset;
                if (end < 0)
                {
                    // Longer than any entry is: damage, skipped.
                    offset += count;
                    continue;
                }

                printer.Print(buffer.AsSpan(0, end + 1));
                await printer.FlushAsync(cancellation);
                offset += end + 1;
            }

            return offset;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
