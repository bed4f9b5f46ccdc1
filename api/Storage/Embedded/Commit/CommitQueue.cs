namespace ControlPlane.Api.Storage.Embedded.Commit;

/// <summary>
/// Group commit. Whoever finds no writer at work becomes it and commits at once on its own thread: one client alone pays no hand-over.
/// What arrives meanwhile waits, and a dedicated thread commits it batch by batch until nothing is left.
/// </summary>
internal sealed class CommitQueue
{
    private readonly int _maxBatchBytes;
    private readonly Action<List<Command>> _commit;
    private readonly List<Command> _batch = [];
    private readonly Thread _thread;

    // Guards everything below. A monitor, because the thread waits on it.
    private readonly object _gate = new();
    private readonly Queue<Command> _waiting = new();
    private bool _writing;
    private bool _handedOver;
    private bool _closed;

    /// <param name="name">For the thread.</param>
    /// <param name="maxBatchBytes">A batch ends at this size; a larger command is a batch alone.</param>
    /// <param name="commit">Carries out one batch and completes its commands. Never called twice at once. Must not throw.</param>
    public CommitQueue(string name, int maxBatchBytes, Action<List<Command>> commit)
    {
        _maxBatchBytes = maxBatchBytes;
        _commit = commit;
        _thread = new Thread(WriteHandedOver, 256 * 1024) { IsBackground = true, Name = name };
        _thread.Start();
    }

    public void Submit(params ReadOnlySpan<Command> commands)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, typeof(EmbeddedRevisionStore));
            foreach (Command command in commands)
            {
                _waiting.Enqueue(command);
            }

            if (_writing)
            {
                return;
            }

            _writing = true;
        }

        if (TakeBatch())
        {
            Commit();
        }

        lock (_gate)
        {
            _writing = _handedOver = _waiting.Count > 0;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Refuses new commands and returns when those before are done; false when it was closed already.</summary>
    public bool Close()
    {
        lock (_gate)
        {
            if (_closed)
            {
                return false;
            }

            _closed = true;
            Monitor.Pulse(_gate);
        }

        _thread.Join();
        return true;
    }

    private void WriteHandedOver()
    {
        while (WaitForHandOver())
        {
            while (TakeBatch())
            {
                Commit();
            }
        }
    }

    private bool WaitForHandOver()
    {
        lock (_gate)
        {
            while (!_handedOver)
            {
                if (_closed && !_writing)
                {
                    return false;
                }

                Monitor.Wait(_gate);
            }

            _handedOver = false;
            return true;
        }
    }

    private void Commit()
    {
        try
        {
            _commit(_batch);
        }
        catch (Exception e)
        {
            // Faults of the disk are answers. Anything else leaves memory and log in doubt: recovery knows what is true, this process does not.
            Environment.FailFast("The store's writer failed.", e);
        }

        _batch.Clear();
    }

    /// <summary>The next batch; without one, the caller is the writer no longer.</summary>
    private bool TakeBatch()
    {
        lock (_gate)
        {
            int bytes = 0;
            while (_waiting.TryPeek(out Command? next) && (_batch.Count == 0 || bytes + next.Cost <= _maxBatchBytes))
            {
                bytes += next.Cost;
                _batch.Add(_waiting.Dequeue());
            }

            _writing = _batch.Count > 0;
            return _writing;
        }
    }
}
