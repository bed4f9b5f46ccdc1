using System.Net;
using System.Net.Sockets;
using ControlPlane.Agent.Networking.Dns;
using ControlPlane.Agent.Networking.Vips;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Agent.Tests.Networking;

public sealed class DnsServerTests : IAsyncLifetime
{
    private const int NoError = 0, FormatError = 1, ServerFailure = 2, NameError = 3, NotImplemented = 4, Refused = 5;

    private readonly CancellationTokenSource _stop = new();
    private readonly List<(DnsServer Server, Task Run)> _servers = [];
    private IPEndPoint _server = null!;

    public Task InitializeAsync()
    {
        _server = Start([]);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _stop.CancelAsync();
        foreach (var (server, run) in _servers)
        {
            await run.WaitAsync(TimeSpan.FromSeconds(10));
            await server.DisposeAsync();
        }

        _stop.Dispose();
    }

    [Theory]
    [InlineData("web.shop.vip.cluster.local", DnsClient.A, "10.91.0.5")]
    [InlineData("WEB.Shop.vip.cluster.local", DnsClient.A, "10.91.0.5")]
    [InlineData("_http._tcp.web.shop.vip.cluster.local", DnsClient.Srv, "0 0 80 web.shop.vip.cluster.local")]
    [InlineData("web-0.shop.pod.cluster.local", DnsClient.A, "10.92.1.7")]
    [InlineData("5.0.91.10.in-addr.arpa", DnsClient.Ptr, "web.shop.vip.cluster.local")]
    [InlineData("7.1.92.10.in-addr.arpa", DnsClient.Ptr, "web-0.shop.pod.cluster.local")]
    public async Task Ask_KnownName_IsAnsweredOverBothTransports(string name, ushort type, string data)
    {
        foreach (var answer in new[] { await DnsClient.AskAsync(_server, name, type), await DnsClient.AskTcpAsync(_server, name, type) })
        {
            Assert.Equal((NoError, true), (answer.Code, answer.Authoritative));
            var record = Assert.Single(answer.Records);
            Assert.Equal((type, 5u, data), (record.Type, record.Ttl, record.Data));
            Assert.Equal(name, record.Owner);
        }
    }

    [Theory]
    [InlineData("nothing.shop.vip.cluster.local", DnsClient.A, NameError)]
    [InlineData("other.cluster.local", DnsClient.A, NameError)]
    [InlineData("9.9.91.10.in-addr.arpa", DnsClient.Ptr, NameError)]
    [InlineData("web.shop.vip.cluster.local", DnsClient.Aaaa, NoError)]
    [InlineData("shop.vip.cluster.local", DnsClient.A, NoError)]
    [InlineData("_tcp.web.shop.vip.cluster.local", DnsClient.Srv, NoError)]
    [InlineData("cluster.local", DnsClient.A, NoError)]
    public async Task Ask_NameOrTypeThatIsNot_IsDeniedWithAnAuthority(string name, ushort type, int code)
    {
        var answer = await DnsClient.AskAsync(_server, name, type);

        Assert.Equal((code, true, 0), (answer.Code, answer.Authoritative, answer.Answers));
        Assert.Equal((DnsClient.Soa, 5u), (Assert.Single(answer.Records).Type, answer.Records[0].Ttl));
    }

    [Fact]
    public async Task Ask_ManyAddresses_AreRotatedAndTruncatedForUdp()
    {
        var small = await DnsClient.AskAsync(_server, "crowd.shop.vip.cluster.local", DnsClient.A);
        var whole = await DnsClient.AskTcpAsync(_server, "crowd.shop.vip.cluster.local", DnsClient.A);
        var firsts = new HashSet<string>();
        for (var i = 0; i < 50; i++)
            firsts.Add((await DnsClient.AskAsync(_server, "few.shop.vip.cluster.local", DnsClient.A)).Data.First());

        Assert.True(small.Truncated);
        Assert.Empty(small.Records);
        Assert.Equal(200, whole.Data.Distinct().Count());
        Assert.Equal(3, firsts.Count);
    }

    [Fact]
    public async Task Ask_WithEdns_GetsTheLargerResponse()
    {
        var plain = await DnsClient.AskAsync(_server, "forty.shop.vip.cluster.local", DnsClient.A);
        var extended = await DnsClient.AskAsync(_server, "forty.shop.vip.cluster.local", DnsClient.A, edns: 4096);

        Assert.True(plain.Truncated);
        Assert.Equal((false, 40), (extended.Truncated, extended.Answers));
        Assert.Equal(41, extended.Records[^1].Type);
    }

    [Fact]
    public async Task Ask_ForeignName_WithoutUpstreamIsRefused() =>
        Assert.Equal(Refused, (await DnsClient.AskAsync(_server, "example.com", DnsClient.A)).Code);

    [Fact]
    public async Task Ask_ForeignName_IsForwarded()
    {
        // The first upstream is silent: the second must be asked.
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var upstream = Start([], "example.com");
        var server = Start([(IPEndPoint)silent.LocalEndPoint!, upstream]);

        foreach (var answer in new[]
                 {
                     await DnsClient.AskAsync(server, "web.shop.vip.example.com", DnsClient.A),
                     await DnsClient.AskTcpAsync(server, "web.shop.vip.example.com", DnsClient.A),
                 })
            Assert.Equal("10.91.0.5", Assert.Single(answer.Data));
    }

    [Fact]
    public async Task Ask_DeadUpstream_IsServerFailure()
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var server = Start([(IPEndPoint)silent.LocalEndPoint!]);

        Assert.Equal(ServerFailure, (await DnsClient.AskAsync(server, "example.com", DnsClient.A)).Code);
    }

    [Fact]
    public async Task Update_NewTable_IsAnsweredFromAtOnce()
    {
        _servers[0].Server.Update(DnsRecordTable.Build(
            "cluster.local", [new DnsVip("new", "shop", [IPAddress.Parse("10.91.0.9")], [])], []));

        Assert.Equal("10.91.0.9", Assert.Single((await DnsClient.AskAsync(_server, "new.shop.vip.cluster.local", DnsClient.A)).Data));
        Assert.Equal(NameError, (await DnsClient.AskAsync(_server, "web.shop.vip.cluster.local", DnsClient.A)).Code);
    }

    [Fact]
    public async Task Send_BrokenMessages_AreAnsweredWithTheirFaultOrNotAtAll()
    {
        var good = DnsClient.Query("web.shop.vip.cluster.local", DnsClient.A);
        byte[] truncated = good[..20], twoQuestions = [.. good], notify = [.. good], pointer = [.. good], huge = new byte[9000];
        twoQuestions[5] = 2;
        notify[2] = 0x20;
        (pointer[12], pointer[13]) = (0xC0, 12);

        Assert.Equal(FormatError, (await DnsClient.SendAsync(_server, truncated))[3] & 0x0F);
        Assert.Equal(FormatError, (await DnsClient.SendAsync(_server, twoQuestions))[3] & 0x0F);
        Assert.Equal(FormatError, (await DnsClient.SendAsync(_server, pointer))[3] & 0x0F);
        Assert.Equal(NotImplemented, (await DnsClient.SendAsync(_server, notify))[3] & 0x0F);

        // An answer, a scrap and a giant get no word back, and the server goes on.
        byte[] answer = [.. good];
        answer[2] |= 0x80;
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(_server);
        foreach (var message in new[] { answer, good[..5], huge })
            await socket.SendAsync(message);
        Assert.Equal(NoError, (await DnsClient.AskAsync(_server, "web.shop.vip.cluster.local", DnsClient.A)).Code);
    }

    [Fact]
    public void Respond_RandomBytes_NeverThrowsOrOverruns()
    {
        var responder = new DnsResponder(new DnsServerOptions { Listen = [] }) { Table = Table("cluster.local") };
        var random = new Random(7);
        var response = new byte[4096];
        for (var i = 0; i < 200_000; i++)
        {
            var query = DnsClient.Query("web.shop.vip.cluster.local", DnsClient.A, edns: i % 2 == 0 ? 1232 : null);
            for (var flips = random.Next(1, 8); flips > 0; flips--)
                query[random.Next(query.Length)] = (byte)random.Next(256);
            var outcome = responder.Respond(query.AsSpan(0, random.Next(query.Length + 1)), response, overTcp: false, out var length);
            Assert.True(outcome == DnsOutcome.Drop ? length == 0 : length is >= 12 and <= 1232);
        }
    }

    private IPEndPoint Start(IReadOnlyList<IPEndPoint> upstreams, string domain = "cluster.local")
    {
        var server = new DnsServer(
            new DnsServerOptions
            {
                Listen = [new IPEndPoint(IPAddress.Loopback, 0)],
                Domain = domain,
                ReverseRanges = [IPNetwork.Parse("10.91.0.0/16"), IPNetwork.Parse("10.92.0.0/16")],
                Upstreams = upstreams,
            },
            NullLogger<DnsServer>.Instance);
        server.Update(Table(domain));
        _servers.Add((server, server.RunAsync(_stop.Token)));
        return server.Addresses[0];
    }

    private static DnsRecordTable Table(string domain) => DnsRecordTable.Build(
        domain,
        [
            new DnsVip("web", "shop", [IPAddress.Parse("10.91.0.5")], [new DnsVipPort("http", VipProtocol.Tcp, 80)]),
            Headless("few", 3), Headless("forty", 40), Headless("crowd", 200),
        ],
        [new DnsPod("web-0", "shop", IPAddress.Parse("10.92.1.7"))]);

    private static DnsVip Headless(string name, int count) =>
        new(name, "shop", [.. Enumerable.Range(1, count).Select(i => IPAddress.Parse($"10.92.3.{i}"))], []);
}
