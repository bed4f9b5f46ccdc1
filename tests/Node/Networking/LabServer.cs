using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ControlPlane.Node.Tests.Networking;

/// <summary>
/// Listens inside a namespace. To every connection it says "NAME CLIENT-ADDRESS", then echoes; to every datagram the same.
/// </summary>
internal sealed class LabServer : IAsyncDisposable
{
    private readonly string _name;
    private readonly Socket _tcp;
    private readonly Socket _udp;
    private readonly CancellationTokenSource _stop = new();
    private readonly List<Task> _work = [];

    public LabServer(string name, string namespacePath, int port)
    {
        _name = name;
        _tcp = NamespaceSocket.Create(namespacePath, SocketType.Stream, ProtocolType.Tcp);
        _tcp.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
        _tcp.Bind(new IPEndPoint(IPAddress.Any, port));
        _tcp.Listen(512);
        _udp = NamespaceSocket.Create(namespacePath, SocketType.Dgram, ProtocolType.Udp);
        _udp.Bind(new IPEndPoint(IPAddress.Any, port));
        _work.Add(AcceptAsync());
        _work.Add(AnswerAsync());
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _tcp.Dispose();
        _udp.Dispose();
        foreach (var task in _work.ToList())
            await task.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            var connection = await _tcp.AcceptAsync(_stop.Token);
            lock (_work)
                _work.Add(ServeAsync(connection));
        }
    }

    private async Task ServeAsync(Socket connection)
    {
        using (connection)
        {
            await connection.SendAsync(Greeting(connection.RemoteEndPoint!), _stop.Token);
            var buffer = new byte[256];
            for (int count; (count = await connection.ReceiveAsync(buffer, _stop.Token)) > 0;)
                await connection.SendAsync(buffer.AsMemory(0, count), _stop.Token);
        }
    }

    private async Task AnswerAsync()
    {
        var buffer = new byte[256];
        while (true)
        {
            var datagram = await _udp.ReceiveFromAsync(buffer, new IPEndPoint(IPAddress.Any, 0), _stop.Token);
            await _udp.SendToAsync(Greeting(datagram.RemoteEndPoint), datagram.RemoteEndPoint, _stop.Token);
        }
    }

    private byte[] Greeting(EndPoint client) => Encoding.ASCII.GetBytes($"{_name} {((IPEndPoint)client).Address}");
}
