using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>Who owns files.</summary>
public static class Ownership
{
    private const uint Unchanged = uint.MaxValue;

    /// <summary>Gives a file to a group; a symbolic link itself, not what it points to.</summary>
    public static void SetGroup(string path, uint group)
    {
        if (Libc.ChangeOwner(path, Unchanged, group) < 0) throw LinuxException.Last("lchown", path);
    }
}
