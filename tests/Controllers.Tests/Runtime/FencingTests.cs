using ControlPlane.Api.Client;
using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;
using ControlPlane.Controllers.Hosting;
using ControlPlane.Controllers.Leadership;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class FencingTests : IAsyncDisposable
{
    private static readonly Lease Thing = new() { Metadata = new ObjectMeta { Name = "a", Namespace = "ns" } };

    private readonly ManualTime _time = new();
    private readonly LeaseServer _server = new();
    private readonly LoopGroup _loops = new();
    private readonly FreezableClient _link;
    private readonly Term _term;
    private readonly ControllerApiClient _client;

    public FencingTests()
    {
        _link = new FreezableClient(_server);
        _term = Term.Since(_time.GetTimestamp(), TimeSpan.FromSeconds(10), _time);
        _client = new ControllerApiClient(_link, "test", _term, new WriteTracker(new CacheRegistry(_link, _loops, _time, NullLoggerFactory.Instance)));
    }

    public async ValueTask DisposeAsync()
    {
        _term.Dispose();
        await _loops.DisposeAsync();
    }

    [Fact]
    public async Task SendAsync_DuringTheTerm_Writes()
    {
        _time.Advance(TimeSpan.FromSeconds(9));

        await _client.CreateAsync(Thing, CancellationToken.None);

        Assert.NotNull(_server.Stored);
    }

    [Fact]
    public async Task SendAsync_AfterTheTerm_ReadsButDoesNotWrite()
    {
        _time.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<LeadershipLostException>(() => _client.CreateAsync(Thing, CancellationToken.None));
        Assert.Null(await _client.TryGetAsync<Lease>(ObjectKey.Of(Thing), CancellationToken.None));
        Assert.Null(_server.Stored);
    }

    [Fact]
    public async Task SendAsync_TermEndsMeanwhile_GivesTheWriteUp()
    {
        _link.IsFrozen = true;
        var write = _client.CreateAsync(Thing, CancellationToken.None);
        Assert.False(write.IsCompleted);

        _time.Advance(TimeSpan.FromSeconds(10));

        await Assert.ThrowsAsync<LeadershipLostException>(() => write.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Null(_server.Stored);
    }

    [Fact]
    public async Task SendAsync_Renewed_WritesOn()
    {
        _time.Advance(TimeSpan.FromSeconds(9));
        _term.Renew(_time.GetTimestamp(), TimeSpan.FromSeconds(10));
        _time.Advance(TimeSpan.FromSeconds(9));

        await _client.CreateAsync(Thing, CancellationToken.None);

        Assert.NotNull(_server.Stored);
    }
}
