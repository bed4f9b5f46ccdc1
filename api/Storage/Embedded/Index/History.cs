using System.Numerics;

namespace ControlPlane.Api.Storage.Embedded.Index;

/// <summary>
/// Every version since the floor, in revision order: what watches replay and what old reads see. One revision is one change here,
/// so a version is found by its revision alone.
/// </summary>
internal sealed class History
{
    // Guards everything below; held for copies of bounded length only.
    private readonly Lock _gate = new();
    private KeyVersion?[] _ring = new KeyVersion[1024];
    private long _trimmed;
    private long _last;
    private long _floor;
    private long _bytes;

    /// <summary>Reads below this revision are refused. Moves before anything is forgotten, so a lock-free reader checks it afterwards.</summary>
    public long Floor => Volatile.Read(ref _floor);

    /// <summary>Up to here history has really been forgotten; follows <see cref="Floor"/>.</summary>
    public long Trimmed => Volatile.Read(ref _trimmed);

    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>Begins an empty history at a snapshot's revision.</summary>
    public void StartAt(long revision)
    {
        lock (_gate)
        {
            _trimmed = _last = _floor = revision;
        }
    }

    public void Append(KeyVersion version)
    {
        lock (_gate)
        {
            if (_last - _trimmed == _ring.Length)
            {
                Resize(_ring.Length * 2);
            }

            _last = version.Revision;
            _ring[_last & (_ring.Length - 1)] = version;
            _bytes += version.Bytes;
        }
    }

    public void RaiseFloor(long revision)
    {
        lock (_gate)
        {
            _floor = Math.Max(_floor, revision);
        }
    }

    /// <summary>
    /// Copies the changes of keys with a prefix after <paramref name="after"/> up to <paramref name="to"/>, looking at no more than
    /// <paramref name="window"/> revisions. Returns the last revision looked at, or -1 when history after <paramref name="after"/> is gone:
    /// for a reader that has <paramref name="begun"/> when it is really forgotten, for another as soon as it is refused.
    /// </summary>
    public long Read(long after, long to, int window, string prefix, bool begun, List<StoreEvent> into)
    {
        lock (_gate)
        {
            if (after < (begun ? _trimmed : _floor))
            {
                return -1;
            }

            to = Math.Min(to, after + window);
            for (long revision = after + 1; revision <= to; revision++)
            {
                KeyVersion version = _ring[revision & (_ring.Length - 1)]!;
                if (version.Entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                {
                    into.Add(version.ToEvent());
                }
            }

            return to;
        }
    }

    /// <summary>Forgets up to <paramref name="count"/> versions up to a revision not above the floor; returns deleted keys that nothing remembers any more. Writer only.</summary>
    public List<string> Trim(long to, int count)
    {
        var gone = new List<string>();
        lock (_gate)
        {
            long until = Math.Min(Math.Min(_floor, to), _trimmed + count);
            for (long revision = _trimmed + 1; revision <= until; revision++)
            {
                ref KeyVersion? slot = ref _ring[revision & (_ring.Length - 1)];
                KeyVersion version = slot!;
                slot = null;
                _bytes -= version.Bytes;
                version.ForgetPrevious();
                if (version.Value is null && ReferenceEquals(version.Entry.Head, version))
                {
                    gone.Add(version.Entry.Key);
                }
            }

            _trimmed = Math.Max(_trimmed, until);
            if (_last - _trimmed < _ring.Length / 8 && _ring.Length > 64 * 1024)
            {
                Resize(_ring.Length / 4);
            }
        }

        return gone;
    }

    /// <summary>The lowest floor that leaves at most <paramref name="bytes"/> of history.</summary>
    public long FloorFor(long bytes)
    {
        lock (_gate)
        {
            long excess = _bytes - bytes;
            long revision = _trimmed;
            while (excess > 0 && revision < _last)
            {
                revision++;
                excess -= _ring[revision & (_ring.Length - 1)]!.Bytes;
            }

            return revision;
        }
    }

    private void Resize(int length)
    {
        var ring = new KeyVersion?[(int)BitOperations.RoundUpToPowerOf2((uint)length)];
        for (long revision = _trimmed + 1; revision <= _last; revision++)
        {
            ring[revision & (ring.Length - 1)] = _ring[revision & (_ring.Length - 1)];
        }

        _ring = ring;
    }
}
