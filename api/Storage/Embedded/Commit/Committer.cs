using System.Diagnostics;
using ControlPlane.Api.Storage.Embedded.Index;
using ControlPlane.Api.Storage.Embedded.Log;

namespace ControlPlane.Api.Storage.Embedded.Commit;

/// <summary>
/// Carries out one batch: decide every command against the state its predecessors in the batch leave, write and sync the changes as one
/// frame, make them visible, answer. Nothing, not even a conflict, is told before what it rests on is durable.
/// </summary>
internal sealed class Committer(KeyIndex index, SegmentedLog log, Expiries expiries, TimeProvider time, StoreObserver observer)
{
    private readonly FrameBuffer _frame = new();
    private readonly List<LogChange> _changes = [];
    private readonly List<StoredValue?> _values = [];
    private readonly Dictionary<string, StoredValue?> _pending = new(StringComparer.Ordinal);
    private Exception? _fault;
    private bool _full;

    /// <summary>Told after changes became visible and before their writers are.</summary>
    public Action<long>? Published { get; init; }

    public void Commit(List<Command> batch)
    {
        if (batch is [IExclusive])
        {
            RunExclusive(batch[0]);
            return;
        }

        long first = index.Published + 1;
        long now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (Command command in batch)
        {
            if (command is WriteCommand write)
            {
                Decide(write, first + _changes.Count, now);
            }
        }

        bool durable = _changes.Count == 0 || Persist(batch, first, now);
        if (durable)
        {
            MakeVisible(first);
            foreach (Command command in batch)
            {
                Complete(command);
            }
        }

        _changes.Clear();
        _values.Clear();
        _pending.Clear();
    }

    /// <summary>Marks the log's end as complete, so that damage to the last frame can be told from an interrupted write.</summary>
    public void Seal()
    {
        if (_fault is not null || !log.Unsealed)
        {
            return;
        }

        try
        {
            _frame.Clear();
            log.Append(_frame, index.Published + 1, time.GetUtcNow().ToUnixTimeMilliseconds());
        }
        catch (StoreException e) when (e.Fault == StoreFault.NoSpace)
        {
            // A seal is a safeguard; the writes it covers are durable without it. The next attempt is a second away.
        }
        catch (IOException e)
        {
            Break(e);
        }
    }

    private static void RunExclusive(Command command)
    {
        try
        {
            ((IExclusive)command).Run();
        }
        catch (Exception e)
        {
            command.Fail(e);
        }
    }

    private void Complete(Command command)
    {
        if (command is WriteCommand write)
        {
            write.Complete();
        }
        else
        {
            RunExclusive(command);
        }
    }

    private void Decide(WriteCommand write, long revision, long now)
    {
        if (!_pending.TryGetValue(write.Key, out StoredValue? current))
        {
            current = index.Current(write.Key);
        }

        bool absentDelete = write.Value is null && current is null;
        if (absentDelete || !write.Expectation.Matches(current?.Revision))
        {
            write.Outcome = WriteResult.Conflict(current);
            return;
        }

        StoredValue? value = write.Value is { } bytes ? new StoredValue(write.Key, bytes, new Revision(revision)) : null;
        long deadline = write.TimeToLive is { } ttl ? Math.Max(1, now + (long)ttl.TotalMilliseconds) : 0;
        _changes.Add(new LogChange(write.Key, write.Value, deadline));
        _values.Add(value);
        _pending[write.Key] = value;
        write.Outcome = WriteResult.At(new Revision(revision), value is null ? current : null);
    }

    private bool Persist(List<Command> batch, long first, long now)
    {
        try
        {
            if (_fault is not null)
            {
                throw new StoreException(StoreFault.Unavailable, $"The store's disk failed ({_fault.Message}). Writes are refused until the process is restarted.", _fault);
            }

            long started = Stopwatch.GetTimestamp();
            _frame.Clear();
            foreach (LogChange change in _changes)
            {
                _frame.Add(change);
            }

            log.Append(_frame, first, now);
            observer.BatchCommitted(_changes.Count, _frame.FrameLength, Stopwatch.GetElapsedTime(started));
            Recovered();
            return true;
        }
        catch (StoreException e)
        {
            if (e.Fault == StoreFault.NoSpace && !_full)
            {
                _full = true;
                observer.SpaceExhausted(e);
            }

            FailAll(batch, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Whether the frame is on disk is unknown, so nothing may follow it in this process.
            Break(e);
            FailAll(batch, new StoreException(StoreFault.Unavailable, $"The store's disk failed: {e.Message}. The outcome of this write is unknown until the process is restarted.", e));
        }

        return false;
    }

    private void Break(Exception fault)
    {
        _fault = fault;
        observer.Failed(fault);
    }

    private void Recovered()
    {
        if (_full)
        {
            _full = false;
            observer.SpaceReturned();
        }
    }

    private void FailAll(List<Command> batch, StoreException fault)
    {
        foreach (Command command in batch)
        {
            if (command is WriteCommand)
            {
                command.Fail(new StoreException(fault.Fault, fault.Message, fault.InnerException));
            }
            else
            {
                RunExclusive(command);
            }
        }
    }

    private void MakeVisible(long first)
    {
        if (_changes.Count == 0)
        {
            return;
        }

        for (int i = 0; i < _changes.Count; i++)
        {
            index.Apply(_changes[i].Key, first + i, _values[i]);
            expiries.Set(_changes[i].Key, first + i, _changes[i].Deadline);
        }

        long last = first + _changes.Count - 1;
        index.Publish(last);
        Published?.Invoke(last);
    }
}
