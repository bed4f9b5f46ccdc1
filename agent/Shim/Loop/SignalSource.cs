using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>
/// Children that end, from a signalfd. The other signals are taken and dropped: a shim ends when its agent says so, not because a
/// terminal closed or a machine that is going down signals everybody.
/// </summary>
internal sealed class SignalSource : PollSource
{
    internal static readonly SignalSet Handled =
        SignalSet.Of(Signal.Child, Signal.Terminate, Signal.Interrupt, Signal.Hangup, Signal.Quit, Signal.User1, Signal.User2, Signal.Pipe);

    private readonly Action<ExitedChild> _onChild;

    internal SignalSource(Action<ExitedChild> onChild)
    {
        _onChild = onChild;
        Descriptor = SignalDescriptor.Open(Handled);
    }

    internal override void OnReady(PollEvents ready)
    {
        while (SignalDescriptor.Take(Descriptor) != 0)
        {
        }

        // One SIGCHLD may stand for many children.
        while (ChildProcess.TryReap() is { } child) _onChild(child);
    }
}
