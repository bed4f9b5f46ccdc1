using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Linux;

/// <summary>The process, user and group at the other end of a unix socket.</summary>
[StructLayout(LayoutKind.Sequential)]
public readonly record struct PeerCredentials(int Pid, uint UserId, uint GroupId);
