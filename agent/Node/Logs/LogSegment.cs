using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace ControlPlane.Agent.Logs;

/// <summary>
/// An open file of a log. It stays readable when rotation renames or removes it; /proc tells where it is now, so that a reader finds
/// the file that comes after it.
/// </summary>
internal sealed class LogSegment : IDisposable
{
    private readonly string _log;
    private readonly SafeFileHandle _handle;
    private readonly string _link;

    private LogSegment(string log, SafeFileHandle handle)
    {
        _log = log;
        _handle = handle;
        _link = string.Create(CultureInfo.InvariantCulture, $"/proc/self/fd/{handle.DangerousGetHandle()}");
    }

    public long Length => RandomAccess.GetLength(_handle);

    /// <summary>Opens the file with this age (0 = the one being written); null when there is none.</summary>
    public static LogSegment? TryOpen(string log, int age)
    {
        try
        {
            var path = age == 0 ? log : log + "." + age.ToString(CultureInfo.InvariantCulture);
            return new LogSegment(log, File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
        catch (DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Opens all files of a log, oldest first, each once even if a rotation happens meanwhile.</summary>
    public static List<LogSegment> OpenAll(string log)
    {
        var segments = new List<LogSegment>();
        for (var age = 0; TryOpen(log, age) is { } segment; age++)
            segments.Add(segment);

        // A rotation in between makes a file appear a second time, one older.
        var seen = new HashSet<int>();
        foreach (var segment in segments.ToList())
        {
            if (segment.Age() is { } age && seen.Add(age))
                continue;
            segments.Remove(segment);
            segment.Dispose();
        }

        segments.Reverse();
        return segments;
    }

    /// <summary>How many rotations ago it was written to; null when it has been removed.</summary>
    public int? Age()
    {
        var target = File.ResolveLinkTarget(_link, returnFinalTarget: false)?.FullName;
        if (target is null || !target.StartsWith(_log, StringComparison.Ordinal))
            return null;
        var suffix = target[_log.Length..];
        return suffix.Length == 0 ? 0
            : suffix[0] == '.' && int.TryParse(suffix.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out var age) ? age
            : null;
    }

    /// <summary>The file written after this one; null while this is the one being written, or there is nothing newer.</summary>
    public LogSegment? OpenNext()
    {
        while (true)
        {
            if (Age() is not { } age)
                return OpenAll(_log) is [var oldest, .. var rest] ? Keep(oldest, rest) : null;
            if (age == 0)
                return null;
            var next = TryOpen(_log, age - 1);
            if (next is null || next.Age() == Age() - 1)
                return next;
            next.Dispose();
        }
    }

    public ValueTask<int> ReadAsync(Memory<byte> buffer, long offset, CancellationToken cancellation) =>
        RandomAccess.ReadAsync(_handle, buffer, offset, cancellation);

    public int Read(Span<byte> buffer, long offset) => RandomAccess.Read(_handle, buffer, offset);

    public void Dispose() => _handle.Dispose();

    private static LogSegment Keep(LogSegment kept, List<LogSegment> others)
    {
        others.ForEach(other => other.Dispose());
        return kept;
    }
}
