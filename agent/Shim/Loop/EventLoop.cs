using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// The shim's only thread: poll, then call whoever is ready. Handlers never wait. With a handful of descriptors poll(2) costs no more
/// than epoll, and has no state that could disagree with ours.
/// </summary>
internal sealed class EventLoop
{
    private readonly List<PollSource> _sources = [];
    private PollEntry[] _entries = new PollEntry[16];
    private bool _stopped;

    internal void Add(PollSource source) => _sources.Add(source);

    internal void Stop() => _stopped = true;

    internal void Run()
    {
        while (!_stopped) RunOnce();
    }

    private void RunOnce()
    {
        _sources.RemoveAll(static source => source.Closed);
        var count = _sources.Count;
        if (_entries.Length < count) Array.Resize(ref _entries, count * 2);
        var deadline = long.MaxValue;
        for (var i = 0; i < count; i++)
        {
            var source = _sources[i];
            _entries[i] = new PollEntry { Descriptor = source.Polled, Wanted = source.Wanted };
            if (source.Deadline != 0) deadline = Math.Min(deadline, source.Deadline);
        }

        var ready = Poller.Wait(_entries.AsSpan(0, count), Timeout(deadline));
        for (var i = 0; i < count && ready > 0; i++)
        {
            if (_entries[i].Ready == PollEvents.None) continue;
            ready--;
            if (!_sources[i].Closed) Call(_sources[i], _entries[i].Ready);
        }

        if (deadline != long.MaxValue) CallDue(count);
    }

    private void CallDue(int count)
    {
        var now = Clock.MonotonicNanoseconds();
        for (var i = 0; i < count; i++)
        {
            var source = _sources[i];
            if (!source.Closed && source.Deadline != 0 && source.Deadline <= now) Call(source, PollEvents.None);
        }
    }

    /// <summary>The boundary of every handler: what goes wrong with one source must not take the pod's containers with it.</summary>
    private static void Call(PollSource source, PollEvents ready)
    {
        try
        {
            if (ready == PollEvents.None) source.OnDeadline();
            else source.OnReady(ready);
        }
        catch (Exception fault)
        {
            ShimLog.Write(source.GetType().Name, fault);
            if (source is not SignalSource) source.Close();
        }
    }

    private static int Timeout(long deadline)
    {
        if (deadline == long.MaxValue) return -1;
        var milliseconds = (deadline - Clock.MonotonicNanoseconds() + 999_999) / 1_000_000;
        return (int)Math.Clamp(milliseconds, 0, int.MaxValue);
    }
}
