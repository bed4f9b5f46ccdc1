using ControlPlane.Agent.Linux;
using ControlPlane.Agent.Shim;
using ControlPlane.Agent.Shim.Contract;

const int UsageError = 64;
const int SoftwareError = 70;
const int OomScore = -998;

if (ShimOptions.Parse(args) is not { } options)
{
    ShimLog.Write("usage: cp-shim --runtime PATH --runtime-root DIR, in the pod's directory, with the listening socket as descriptor 3");
    return UsageError;
}

// The runtime's threads exist before Main and would swallow signals they do not block. Blocked signals are inherited, so when the
// parent has not blocked them, do so and begin again.
if (!SignalDescriptor.BlockedInThisThread().Contains(SignalSource.Handled))
{
    SignalDescriptor.Block(SignalSource.Handled);
    ChildProcess.Replace("/proc/self/exe", ["cp-shim", .. args], [RuntimeCommand.SearchPath]);
}

try
{
    ProcessControl.BecomeSubreaper();
    ProcessControl.ForbidTracing();
    if (!ProcessControl.TrySetOomScoreAdjustment(OomScore)) ShimLog.Write("no permission to lower oom_score_adj; going on without");
    FileDescriptor.CloseFrom(ShimProtocol.ListenerDescriptor, onExecOnly: true);

    var self = ProcessIdentity.Of(Environment.ProcessId)!.Value;
    SmallFile.Replace(PodDirectory.Identity, self.ToString());

    var loop = new EventLoop();
    var supervisor = new Supervisor(loop, options, self.Pid);
    loop.Add(new SignalSource(supervisor.OnChildExited));
    loop.Add(new Listener(loop, supervisor, ShimProtocol.ListenerDescriptor));
    loop.Run();

    SmallFile.Remove(PodDirectory.Socket);
    SmallFile.Remove(PodDirectory.Identity);
    return 0;
}
catch (LinuxException fault)
{
    ShimLog.Write("ended", fault);
    return SoftwareError;
}
