using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>Something the loop waits for: a descriptor, a point in time, or both.</summary>
internal abstract class PollSource
{
    /// <summary>The descriptor, or -1 when only time matters.</summary>
    internal int Descriptor { get; private protected set; } = -1;

    /// <summary>The descriptor to poll now, or -1 to look away for a while.</summary>
    internal virtual int Polled => Descriptor;

    /// <summary>The readiness it cares about now; hang-up and errors are always reported.</summary>
    internal virtual PollEvents Wanted => PollEvents.Readable;

    /// <summary>When to call <see cref="OnDeadline"/>, on the monotonic clock; 0 for never.</summary>
    internal long Deadline { get; private protected set; }

    /// <summary>Whether the loop may forget it.</summary>
    internal bool Closed { get; private set; }

    internal abstract void OnReady(PollEvents ready);

    internal virtual void OnDeadline() => Deadline = 0;

    /// <summary>Closes the descriptor and leaves the loop. Safe to call twice and from any handler.</summary>
    internal void Close()
    {
        if (Closed) return;
        Closed = true;
        Deadline = 0;
        FileDescriptor.Close(Descriptor);
        Descriptor = -1;
        OnClosed();
    }

    private protected virtual void OnClosed()
    {
    }
}
