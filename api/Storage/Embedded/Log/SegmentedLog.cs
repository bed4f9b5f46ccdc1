using System.Globalization;
using ControlPlane.Api.Storage.Embedded.Files;

namespace ControlPlane.Api.Storage.Embedded.Log;

/// <summary>
/// The append-only log. Every append overwrites space reserved before, so a full disk is met at a segment's beginning, with nothing written.
/// Appending belongs to the writer; preparing and recycling to housekeeping; the spare and the list of finished segments pass between them.
/// </summary>
internal sealed class SegmentedLog : IDisposable
{
    private const int MaxPool = 2;
    private readonly IStoreFiles _files;
    private readonly long _segmentBytes;
    private readonly Queue<string> _pool;

    // Guards _finished, _pool and _spare.
    private readonly Lock _gate = new();
    private readonly List<SealedSegment> _finished;
    private Segment _active;
    private Segment? _spare;
    private long _index;
    private long _offset;
    private long _lastRevision;
    private ulong _nextSequence;
    private int _spareNumber;
    private bool _sealed = true;

    private SegmentedLog(IStoreFiles files, long segmentBytes, Segment active, Queue<string> pool, LogRecovery recovery)
    {
        _files = files;
        _segmentBytes = segmentBytes;
        _active = active;
        _pool = pool;
        _finished = [.. recovery.Finished];
        _ = Segment.TryParse(active.File.Name, out _index);
        _offset = Math.Max(recovery.Tail.Offset, Segment.DataOffset);
        _lastRevision = recovery.NextRevision - 1;
        _nextSequence = recovery.NextSequence;
    }

    /// <summary>Bytes in segments that hold nothing after <paramref name="revision"/>.</summary>
    public long BytesUntil(long revision)
    {
        lock (_gate)
        {
            return _finished.Count(s => s.LastRevision <= revision) * _segmentBytes;
        }
    }

    /// <summary>Whether the next segment should be prepared now.</summary>
    public bool WantsSpare
    {
        get
        {
            lock (_gate)
            {
                return _spare is null && Volatile.Read(ref _offset) > _segmentBytes / 2;
            }
        }
    }

    /// <summary>Whether something was appended since the last seal.</summary>
    public bool Unsealed => !Volatile.Read(ref _sealed);

    public static SegmentedLog Open(IStoreFiles files, long segmentBytes, LogRecovery recovery, bool mustExist)
    {
        var pool = new Queue<string>();
        var unused = new List<string>();
        IReadOnlyList<string> names = files.List();
        Segment? active = recovery.Run(names, unused);
        int number = 0;
        foreach (string name in names.Where(n => n.StartsWith(Segment.SparePrefix, StringComparison.Ordinal)))
        {
            files.Delete(name);
        }

        foreach (string name in unused)
        {
            string spare = SpareName(number++);
            files.Rename(name, spare);
            pool.Enqueue(spare);
        }

        if (active is null)
        {
            if (mustExist)
            {
                throw Corruption.At(files, Segment.Prefix + "*", 0, "there is a snapshot but no log");
            }

            active = Segment.Prepare(files.Create(SpareName(number)), segmentBytes, thorough: true);
            files.Rename(active.File.Name, Segment.NameOf(1));
            active.File.Name = Segment.NameOf(1);
        }
        else
        {
            // What was read may still be only in the page cache; it must not be served before it would survive loss of power.
            Cut(active, recovery.Tail, segmentBytes);
        }

        files.SyncDirectory();
        return new SegmentedLog(files, segmentBytes, active, pool, recovery) { _spareNumber = number };
    }

    /// <summary>Writes and syncs one frame. On <see cref="StoreFault.NoSpace"/> nothing of it remains; after any other fault the log must not be used again.</summary>
    public void Append(FrameBuffer frame, long firstRevision, long time)
    {
        if (_offset + frame.FrameLength > _segmentBytes)
        {
            Roll();
        }

        ReadOnlySpan<byte> bytes = frame.Seal(_active.Salt, _nextSequence, firstRevision, time);
        Write(bytes);
        _active.File.Sync();
        Volatile.Write(ref _offset, _offset + bytes.Length);
        _nextSequence++;
        _lastRevision = firstRevision + frame.Changes - 1;
        Volatile.Write(ref _sealed, frame.Changes == 0);
    }

    /// <summary>Prepares the next segment, recycling a file where there is one.</summary>
    public void PrepareSpare()
    {
        IStoreFile file = NextSpareFile();
        Segment spare;
        try
        {
            spare = Segment.Prepare(file, _segmentBytes, thorough: true);
        }
        catch
        {
            Discard(file);
            throw;
        }

        lock (_gate)
        {
            if (_spare is null)
            {
                _spare = spare;
                return;
            }
        }

        Discard(spare.File);
    }

    /// <summary>Gives up the segments that hold nothing after a revision which a durable snapshot covers.</summary>
    public void Recycle(long revision)
    {
        var spares = new List<string>();
        // In order only: a gap in the middle would look like loss.
        while (TakeFinished(revision) is { } segment)
        {
            if (_pool.Count + spares.Count < MaxPool)
            {
                string spare = NextSpareName();
                _files.Rename(segment.Name, spare);
                spares.Add(spare);
            }
            else
            {
                _files.Delete(segment.Name);
            }
        }

        // A file is overwritten only once its old name is durably gone.
        _files.SyncDirectory();
        lock (_gate)
        {
            spares.ForEach(_pool.Enqueue);
        }
    }

    public void Dispose()
    {
        _active.Dispose();
        _spare?.Dispose();
    }

    private static string SpareName(int number) => Segment.SparePrefix + number.ToString(CultureInfo.InvariantCulture);

    private static void Cut(Segment active, LogTail tail, long segmentBytes)
    {
        long length = Math.Max(segmentBytes, active.File.Length);
        if (active.File.Length < length)
        {
            active.File.Allocate(length);
        }

        if (tail.Bytes > 0)
        {
            active.File.Write(tail.Offset, new byte[Math.Min(LogFrame.HeaderLength, length - tail.Offset)]);
        }

        active.File.Sync();
    }

    private void Roll()
    {
        Segment? next;
        lock (_gate)
        {
            next = _spare;
            _spare = null;
        }

        if (next is null)
        {
            IStoreFile file = NextSpareFile();
            try
            {
                next = Segment.Prepare(file, _segmentBytes, thorough: false);
            }
            catch
            {
                Discard(file);
                throw;
            }
        }

        string name = Segment.NameOf(_index + 1);
        _files.Rename(next.File.Name, name);
        _files.SyncDirectory();
        next.File.Name = name;
        lock (_gate)
        {
            _finished.Add(new SealedSegment(_active.File.Name, _index, _lastRevision));
        }

        _active.Dispose();
        _active = next;
        _index++;
        Volatile.Write(ref _offset, Segment.DataOffset);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _active.File.Write(_offset, bytes);
        }
        catch (StoreException e) when (e.Fault == StoreFault.NoSpace)
        {
            // A file system that moves data on write ignores reservations. What it took of the refused frame must not be read back.
            _active.File.Write(_offset, new byte[LogFrame.HeaderLength]);
            _active.File.Sync();
            throw;
        }
    }

    private SealedSegment? TakeFinished(long revision)
    {
        lock (_gate)
        {
            if (_finished.Count == 0 || _finished[0].LastRevision > revision)
            {
                return null;
            }

            SealedSegment segment = _finished[0];
            _finished.RemoveAt(0);
            return segment;
        }
    }

    private IStoreFile NextSpareFile()
    {
        string? name;
        lock (_gate)
        {
            _pool.TryDequeue(out name);
        }

        return name is null ? _files.Create(NextSpareName()) : _files.Open(name);
    }

    private string NextSpareName() => SpareName(Interlocked.Increment(ref _spareNumber));

    private void Discard(IStoreFile file)
    {
        file.Dispose();
        _files.Delete(file.Name);
    }
}
