using System.Net.Sockets;
using ControlPlane.Agent.Linux.Interop;

namespace ControlPlane.Agent.Linux;

/// <summary>
/// Sockets that belong to another network namespace. A socket stays in the namespace it was made in, so only making it needs a thread
/// that has entered there; that thread ends afterwards, because one whose namespace could not be restored must not be used for anything else.
/// </summary>
public static class NamespaceSocket
{
    /// <summary>Makes a TCP socket in the namespace at the path.</summary>
    /// <exception cref="LinuxException">The namespace is gone or cannot be entered.</exception>
    public static Task<Socket> CreateTcpAsync(string namespacePath)
    {
        var result = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                Enter(namespacePath);
                result.SetResult(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
            }
            catch (Exception e) when (e is LinuxException or SocketException)
            {
                result.SetException(e);
            }
        })
        {
            IsBackground = true,
            Name = "netns",
        };
        thread.Start();
        return result.Task;
    }

    private static void Enter(string namespacePath)
    {
        var fd = FileDescriptor.Open(namespacePath, OpenMode.Read);
        try
        {
            if (Libc.SetNamespace(fd, Libc.CLONE_NEWNET) < 0) throw LinuxException.Last("setns", namespacePath);
        }
        finally
        {
            FileDescriptor.Close(fd);
        }
    }
}
