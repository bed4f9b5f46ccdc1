using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Linux;

/// <summary>One descriptor of a poll(2) call. A negative descriptor is skipped by the kernel.</summary>
[StructLayout(LayoutKind.Sequential)]
public struct PollEntry
{
    public int Descriptor;
    public PollEvents Wanted;
    public PollEvents Ready;
}
