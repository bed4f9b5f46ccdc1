using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Api;

/// <summary>Logs and streams through the server, with an agent that answers what a test wants.</summary>
[Collection(ApiCollection.Name)]
public sealed class PodStreamTests(ApiFixture fixture)
{
    private const string Upgrade = "Connection: Upgrade\r\nUpgrade: SPDY/3.1\r\nX-Stream-Protocol-Version: v4.channel.k8s.io\r\n";

    [Fact]
    public async Task Log_IsCopiedFromTheAgent()
    {
        await using var agent = new ScriptedAgent(fixture.Cluster, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n6\r\nhello \r\n6\r\nworld\n\r\n0\r\n\r\n");
        var pod = await PodAsync(agent);
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.ReadAsync(pod + "/log?container=c&tailLines=2");

        Assert.Equal("hello world\n", answer.Text);
        var asked = await agent.Request;
        Assert.StartsWith($"GET /containerLogs/{pod.Split('/')[4]}/p/c?tailLines=2 HTTP/1.1\r\n", asked);
        Assert.Contains("CN=controlplane-api-server", agent.ClientName);
    }

    [Fact]
    public async Task Log_OfAnUnknownContainer_Is400()
    {
        await using var agent = new ScriptedAgent(fixture.Cluster, "");
        var pod = await PodAsync(agent);
        using var http = fixture.Cluster.CreateHttpClient();

        Assert.Equal("container zz is not valid for pod p", (await http.ReadAsync(pod + "/log?container=zz")).Message);
        Assert.Equal("you must specify at least 1 of stdin, stdout, stderr", (await http.SendJsonAsync(HttpMethod.Post, pod + "/exec?command=x", null)).Message);
    }

    [Fact]
    public async Task Exec_AfterTheAgentAgreed_IsATunnelWithoutTheCallersCredentials()
    {
        await using var agent = new ScriptedAgent(fixture.Cluster, $"HTTP/1.1 101 Switching Protocols\r\n{Upgrade}\r\nearly", echo: true);
        var pod = await PodAsync(agent);
        await using var client = await ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"POST {pod}/exec?command=a&command=b&stdout=true HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer secret\r\n{Upgrade}\r\n"));

        var head = await ReadUntilAsync(client, "early");
        await client.WriteAsync("ping"u8.ToArray());
        var echoed = await ReadUntilAsync(client, "ping");

        Assert.StartsWith("HTTP/1.1 101", head);
        Assert.Contains("X-Stream-Protocol-Version: v4.channel.k8s.io", head);
        Assert.EndsWith("ping", echoed);
        var asked = await agent.Request;
        Assert.Contains("/exec/", asked);
        Assert.Contains("?command=a&command=b&stdout=true ", asked);
        Assert.DoesNotContain("Authorization", asked);
    }

    [Theory]
    [InlineData("HTTP/1.1 404 Not Found\r\nContent-Length: 7\r\n\r\nno such", 404, "no such")]
    [InlineData("HTTP/1.1 302 Found\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n", 502, "unexpected 302")]
    [InlineData("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: other\r\n\r\n", 502, "unexpected 101")]
    public async Task Exec_WhenTheAgentDoesNotAgree_IsAnOrdinaryError(string answer, int code, string words)
    {
        await using var agent = new ScriptedAgent(fixture.Cluster, answer);
        var pod = await PodAsync(agent);
        await using var client = await ConnectAsync();
        await client.WriteAsync(Encoding.ASCII.GetBytes($"POST {pod}/exec?command=a&stdout=true HTTP/1.1\r\nHost: x\r\n{Upgrade}\r\n"));

        var all = await ReadUntilAsync(client, "\"code\":");

        Assert.StartsWith($"HTTP/1.1 {code}", all);
        Assert.Contains("Connection: close", all);
        Assert.Contains(words, all);
    }

    private async Task<string> PodAsync(ScriptedAgent agent)
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();
        var node = "node-" + ns;
        await http.SendJsonAsync(HttpMethod.Post, "/api/v1/nodes", $$$"""{"metadata":{"name":"{{{node}}}"}}""");
        var status = await http.SendJsonAsync(HttpMethod.Patch, $"/api/v1/nodes/{node}/status", $$$"""
            {"status":{"addresses":[{"type":"InternalIP","address":"127.0.0.1"}],"daemonEndpoints":{"kubeletEndpoint":{"Port":{{{agent.Port}}} } } } }
            """, "application/merge-patch+json");
        Assert.True(status.Code == 200, status.ToString());
        await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", $$$"""{"metadata":{"name":"p"},"spec":{"nodeName":"{{{node}}}","containers":[{"name":"c","image":"x"}]}}""");
        return $"/api/v1/namespaces/{ns}/pods/p";
    }

    private async Task<SslStream> ConnectAsync()
    {
        var identity = fixture.Cluster.Pki.IssueClient("admin", "system:masters");
        var tcp = new TcpClient();
        await tcp.ConnectAsync(IPAddress.Loopback, fixture.Cluster.Address.Port);
        var stream = new SslStream(tcp.GetStream());
        var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
        policy.CustomTrustStore.Add(X509CertificateLoader.LoadCertificateFromFile(fixture.Cluster.Pki.AuthorityFile));
        await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = "localhost",
            ClientCertificates = [X509Certificate2.CreateFromPemFile(identity.CertificateFile, identity.KeyFile)],
            CertificateChainPolicy = policy,
            ApplicationProtocols = [SslApplicationProtocol.Http11],
        });
        return stream;
    }

    private static async Task<string> ReadUntilAsync(Stream stream, string mark)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var buffer = new byte[8192];
        var text = "";
        while (!text.Contains(mark, StringComparison.Ordinal))
        {
            var read = await stream.ReadAsync(buffer, deadline.Token);
            if (read == 0)
                break;
            text += Encoding.ASCII.GetString(buffer, 0, read);
        }
        return text;
    }

    /// <summary>Takes one connection over TLS, answers its request with given bytes, and may echo what follows.</summary>
    private sealed class ScriptedAgent : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly TaskCompletionSource<string> _request = new();
        private readonly Task _serving;

        public ScriptedAgent(TestCluster cluster, string answer, bool echo = false)
        {
            _listener.Start();
            var identity = cluster.Pki.IssueServer("system:node:n1", ["system:nodes"]);
            var authority = X509CertificateLoader.LoadCertificateFromFile(cluster.Pki.AuthorityFile);
            _serving = ServeAsync(X509Certificate2.CreateFromPemFile(identity.CertificateFile, identity.KeyFile), authority, answer, echo);
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public Task<string> Request => _request.Task;

        public string? ClientName { get; private set; }

        public async ValueTask DisposeAsync()
        {
            _listener.Stop();
            await _serving;
        }

        private async Task ServeAsync(X509Certificate2 certificate, X509Certificate2 authority, string answer, bool echo)
        {
            try
            {
                using var tcp = await _listener.AcceptTcpClientAsync();
                await using var stream = new SslStream(tcp.GetStream());
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.Add(authority);
                await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, ClientCertificateRequired = true, CertificateChainPolicy = policy });
                ClientName = stream.RemoteCertificate?.Subject;
                _request.SetResult(await ReadUntilAsync(stream, "\r\n\r\n"));
                await stream.WriteAsync(Encoding.ASCII.GetBytes(answer));
                var buffer = new byte[1024];
                int read;
                while (echo && (read = await stream.ReadAsync(buffer)) > 0)
                    await stream.WriteAsync(buffer.AsMemory(0, read));
            }
            catch (Exception error) when (error is SocketException or IOException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
