namespace ControlPlane.Api.Storage.Embedded;

/// <summary>How an embedded store keeps its data.</summary>
/// <param name="Path">A directory of its own; made when missing.</param>
public sealed record EmbeddedStoreOptions(string Path)
{
    /// <summary>The longest value taken, in bytes.</summary>
    public int MaxValueBytes { get; init; } = 3 * 512 * 1024;

    /// <summary>The longest key taken, in UTF-16 units.</summary>
    public int MaxKeyLength { get; init; } = 4096;

    /// <summary>The length of one file of the log. At least four of the largest writes.</summary>
    public long SegmentBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>History is kept at least this long, within <see cref="MaxHistoryBytes"/>.</summary>
    public TimeSpan HistoryAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>History in memory never exceeds this for long.</summary>
    public long MaxHistoryBytes { get; init; } = 128 * 1024 * 1024;

    /// <summary>A watcher with more undelivered events than this is cut.</summary>
    public int WatchBacklog { get; init; } = 16 * 1024;

    /// <summary>How often deadlines, history and the log are looked after.</summary>
    public TimeSpan HousekeepingPeriod { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Reads <c>embedded:///path</c>.</summary>
    /// <exception cref="FormatException">It is something else.</exception>
    public static EmbeddedStoreOptions Parse(string uri) =>
        Uri.TryCreate(uri, UriKind.Absolute, out Uri? parsed) && parsed is { Scheme: "embedded", Host: "", Query: "" } && parsed.AbsolutePath.Length > 1
            ? new EmbeddedStoreOptions(Uri.UnescapeDataString(parsed.AbsolutePath))
            : throw new FormatException($"'{uri}' is no embedded:///path.");

    internal int MaxBatchBytes => (int)Math.Min(4 * 1024 * 1024, SegmentBytes / 4);

    internal void Validate()
    {
        ArgumentException.ThrowIfNullOrEmpty(Path);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxValueBytes, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(MaxKeyLength, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(SegmentBytes, 4L * (MaxValueBytes + (3 * MaxKeyLength) + 8192));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(SegmentBytes, 1024 * 1024 * 1024);
        ArgumentOutOfRangeException.ThrowIfLessThan(WatchBacklog, 1);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(HousekeepingPeriod, TimeSpan.Zero);
    }
}
