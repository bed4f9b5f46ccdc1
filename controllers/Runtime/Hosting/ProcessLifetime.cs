using System.Runtime.InteropServices;

namespace ControlPlane.Controllers.Hosting;

/// <summary>A process: runs until SIGTERM, SIGINT or the first failure.</summary>
internal static class ProcessLifetime
{
    public static async Task RunAsync(ControllerHost host)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Stop(PosixSignalContext signal)
        {
            // The default action would end the process before leases are given up.
            signal.Cancel = true;
            stop.TrySetResult();
        }
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        host.Start();
        await (await Task.WhenAny(stop.Task, host.Failed).ConfigureAwait(false)).ConfigureAwait(false);
    }
}
