using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace ControlPlane.Api.Server.Streaming;

/// <summary>Opens TLS connections to node agents: both sides show a certificate of the cluster, and the agent's must be for the address dialled.</summary>
internal sealed class AgentDialer(X509Certificate2 identity, X509Certificate2Collection authorities)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="IOException">No connection, or not to an agent of this cluster.</exception>
    public async Task<SslStream> ConnectAsync(AgentAddress address, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address.Host, address.Port, deadline.Token);
            var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(Options(address.Host), deadline.Token);
            return stream;
        }
        catch (Exception error) when (error is SocketException or AuthenticationException or OperationCanceledException && !cancellationToken.IsCancellationRequested)
        {
            socket.Dispose();
            throw new IOException($"error dialing backend: {address.Host}:{address.Port}: {(error is OperationCanceledException ? $"no connection within {Patience.TotalSeconds} s" : error.Message)}", error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public SslClientAuthenticationOptions Options(string host)
    {
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.AddRange(authorities);
        return new SslClientAuthenticationOptions
        {
            TargetHost = host,
            ClientCertificates = [identity],
            CertificateChainPolicy = policy,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
    }
}
