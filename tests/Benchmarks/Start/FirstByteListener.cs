using System.Net;
using System.Net.Sockets;

namespace ControlPlane.Benchmarks.Start;

/// <summary>Waits for an instance to connect and send its first byte.</summary>
internal sealed class FirstByteListener : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly TcpListener _listener;

    public FirstByteListener(string address)
    {
        _listener = new TcpListener(IPAddress.Parse(address), 0);
        _listener.Start();
        Command = $"echo x | nc {address} {((IPEndPoint)_listener.LocalEndpoint).Port}; exec sleep 3600";
    }

    /// <summary>What the instance runs.</summary>
    public string Command { get; }

    /// <summary>Completes when the next byte has come.</summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        using var socket = await _listener.AcceptSocketAsync(patience.Token);
        if (await socket.ReceiveAsync(new byte[1], patience.Token) != 1)
            throw new IOException("An instance connected and sent nothing.");
    }

    public void Dispose() => _listener.Dispose();
}
