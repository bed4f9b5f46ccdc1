using System.ComponentModel;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text;

namespace ControlPlane.Node.Tests.Networking;

/// <summary>Sockets of another network namespace: a socket stays where it was made, whoever uses it later.</summary>
internal static partial class NamespaceSocket
{
    private const int CLONE_NEWNET = 0x40000000;

    public static Socket Create(string namespacePath, SocketType type, ProtocolType protocol)
    {
        Socket? socket = null;
        Exception? failure = null;
        // The thread changes its namespace for good, so it is used for nothing else.
        var thread = new Thread(() =>
        {
            try
            {
                using var handle = File.OpenHandle(namespacePath);
                if (setns(handle, CLONE_NEWNET) != 0)
                    throw new Win32Exception();
                socket = new Socket(AddressFamily.InterNetwork, type, protocol);
            }
            catch (Exception e)
            {
                failure = e;
            }
        });
        thread.Start();
        thread.Join();
        return socket ?? throw new InvalidOperationException($"no socket in {namespacePath}", failure);
    }

    /// <summary>Connects, and returns the first line the server says.</summary>
    public static async Task<string> AskAsync(string namespacePath, IPEndPoint server)
    {
        using var socket = Create(namespacePath, SocketType.Stream, ProtocolType.Tcp);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await socket.ConnectAsync(server, deadline.Token);
        return await ReadAsync(socket, deadline.Token);
    }

    public static async Task<string> AskUdpAsync(string namespacePath, IPEndPoint server)
    {
        using var socket = Create(namespacePath, SocketType.Dgram, ProtocolType.Udp);
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await socket.ConnectAsync(server, deadline.Token);
        await socket.SendAsync("?"u8.ToArray(), deadline.Token);
        return await ReadAsync(socket, deadline.Token);
    }

    public static async Task<string> ReadAsync(Socket socket, CancellationToken cancellation)
    {
        var buffer = new byte[256];
        var count = await socket.ReceiveAsync(buffer, cancellation);
        return Encoding.ASCII.GetString(buffer, 0, count);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setns(SafeHandle handle, int type);
}
