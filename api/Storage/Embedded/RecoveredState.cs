using System.Diagnostics;
using ControlPlane.Api.Storage.Embedded.Commit;
using ControlPlane.Api.Storage.Embedded.Files;
using ControlPlane.Api.Storage.Embedded.Index;
using ControlPlane.Api.Storage.Embedded.Log;
using ControlPlane.Api.Storage.Embedded.Snapshots;

namespace ControlPlane.Api.Storage.Embedded;

/// <summary>Which revision the store had reached at a time, unix ms.</summary>
internal readonly record struct TimeMark(long Time, long Revision);

/// <summary>
/// What a directory holds. A snapshot is the state at the beginning of history; the log behind it is that history, so after a restart
/// watchers resume and old revisions read as before.
/// </summary>
internal sealed record RecoveredState(KeyIndex Index, SegmentedLog Log, Expiries Expiries, Queue<TimeMark> Marks)
{
    public static RecoveredState Read(EmbeddedStoreOptions options, IStoreFiles files, StoreObserver observer)
    {
        long started = Stopwatch.GetTimestamp();
        var index = new KeyIndex();
        var expiries = new Expiries();
        var marks = new Queue<TimeMark>();
        long marked = 0;
        long floor = SnapshotFile.Load(files, (value, deadline) =>
        {
            index.Load(value);
            expiries.Set(value.Key, value.Revision.Value, deadline);
        });
        index.History.StartAt(floor);
        index.Publish(floor);

        var recovery = new LogRecovery(files, (frame, change, revision) =>
        {
            if (revision <= floor)
            {
                return;
            }

            if (revision != index.Published + 1)
            {
                throw Corruption.At(files, "log-*", 0, $"revisions {index.Published + 1} to {revision - 1} are missing before record {frame.Sequence}");
            }

            index.Apply(change.Key, revision, change.Value is { } bytes ? new StoredValue(change.Key, bytes, new Revision(revision)) : null);
            expiries.Set(change.Key, revision, change.Deadline);
            index.Publish(revision);
            if (frame.Time >= marked + 1000)
            {
                marked = frame.Time;
                marks.Enqueue(new TimeMark(frame.Time, revision));
            }
        });
        SegmentedLog log = SegmentedLog.Open(files, options.SegmentBytes, recovery, mustExist: floor > 0);
        if (recovery.NextRevision > 0 && recovery.NextRevision <= floor)
        {
            log.Dispose();
            throw Corruption.At(files, recovery.Tail.File, recovery.Tail.Offset, $"the log ends at revision {recovery.NextRevision - 1}, before the snapshot's {floor}");
        }

        if (recovery.Tail.Bytes > 0)
        {
            observer.TailCut(files.Describe(recovery.Tail.File), recovery.Tail.Offset, recovery.Tail.Bytes);
        }

        observer.Recovered(options.Path, index.Tree.Count, new Revision(index.Published), Stopwatch.GetElapsedTime(started));
        return new RecoveredState(index, log, expiries, marks);
    }
}
