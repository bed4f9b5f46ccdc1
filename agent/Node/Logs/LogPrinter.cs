using System.Buffers;
using System.IO.Pipelines;

namespace ControlPlane.Agent.Logs;

/// <summary>Turns entries of a log file into what the user asked for.</summary>
internal sealed class LogPrinter(LogQuery query, PipeWriter output)
{
    private long _left = query.LimitBytes ?? long.MaxValue;
    private bool _inLine;
    private bool _reachedSince = query.Since is null;

    /// <summary>The wanted number of bytes has been written.</summary>
    public bool IsFull => _left <= 0;

    /// <summary>Prints whole lines of a log file.</summary>
    public void Print(ReadOnlySpan<byte> lines)
    {
        while (!lines.IsEmpty && !IsFull)
        {
            var newline = lines.IndexOf((byte)'\n');
            var line = newline < 0 ? lines : lines[..newline];
            lines = newline < 0 ? [] : lines[(newline + 1)..];
            if (CriEntry.TryParse(line, out var entry) && IsWanted(entry))
                Print(entry);
        }
    }

    public async ValueTask FlushAsync(CancellationToken cancellation)
    {
        if (output.CanGetUnflushedBytes && output.UnflushedBytes == 0)
            return;
        if ((await output.FlushAsync(cancellation)).IsCompleted)
            throw new OperationCanceledException("The reader of the log has gone.", cancellation);
    }

    // Entries are in the order of their times: after the first that is wanted, all are.
    private bool IsWanted(CriEntry entry) => _reachedSince || (_reachedSince = entry.IsSince(query.Since!.Value));

    private void Print(CriEntry entry)
    {
        if (query.Timestamps && !_inLine)
        {
            Write(entry.Timestamp);
            Write(" "u8);
        }

        Write(entry.Text);
        _inLine = entry.IsPartial;
        if (!_inLine)
            Write("\n"u8);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        var count = (int)Math.Min(bytes.Length, _left);
        output.Write(bytes[..count]);
        _left -= count;
    }
}
