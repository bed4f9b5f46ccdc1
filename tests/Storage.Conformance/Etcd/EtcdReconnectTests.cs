using System.Text;
using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Etcd;

namespace ControlPlane.Storage.Conformance.Etcd;

/// <summary>Restarts under load, watches from long ago, marks, failover: what only happens with a server at the other end.</summary>
public sealed class EtcdReconnectTests : IAsyncLifetime
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(90));
    private readonly EtcdServer _server = new();
    private EtcdRevisionStore? _store;

    private CancellationToken Token => _deadline.Token;

    private EtcdRevisionStore Store => _store!;

    public async Task InitializeAsync()
    {
        await _server.InitializeAsync();
        _store = await EtcdRevisionStore.ConnectAsync(_server.Options("/x"), Token);
    }

    public async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        await _server.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Watch_AcrossServerRestarts_SeesEveryChangeOnce()
    {
        await using var watch = new WatchReader(Store, "/", await Store.CurrentRevisionAsync(Token), Token);
        for (int round = 0; round < 3; round++)
        {
            var written = new List<long>();
            for (int i = 0; i < 20; i++)
            {
                written.Add((await PutAsync($"/{i % 3}", $"{round}-{i}")).Value);
            }

            List<long> seen = [.. await ReadAsync(watch, 10)];
            await _server.KillAsync();
            var fault = await Assert.ThrowsAsync<StoreException>(() => PutAsync("/down", "x"));
            await _server.StartAsync();
            seen.AddRange(await ReadAsync(watch, 10));

            Assert.Equal(StoreFault.Unavailable, fault.Fault);
            Assert.Equal(written, seen);
        }
    }

    [Fact]
    public async Task Watch_FromLongAgo_ReplaysHistoryAndGoesOn()
    {
        Revision start = await PutAsync("/start", "");
        var written = new List<long>();
        for (int i = 0; i < 2500; i++)
        {
            Revision revision = await PutAsync($"/{(i % 2 == 0 ? "even" : "odd")}/{i % 10}", new string('x', 500));
            if (i % 2 == 0)
            {
                written.Add(revision.Value);
            }
        }

        WatchReader[] watches = [.. Enumerable.Range(0, 10).Select(_ => new WatchReader(Store, "/even/", start, Token))];
        foreach (WatchReader watch in watches)
        {
            Assert.Equal(written, await ReadAsync(watch, written.Count));
        }

        Revision last = await PutAsync("/even/1", "last");
        foreach (WatchReader watch in watches)
        {
            Assert.Equal([last.Value], await ReadAsync(watch, 1));
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task CurrentRevision_MarksIdleWatches_EvenWhenOthersMovedIt()
    {
        await using EtcdRevisionStore other = await EtcdRevisionStore.ConnectAsync(_server.Options("/other"), Token);
        await using var watch = new WatchReader(Store, "/", await Store.CurrentRevisionAsync(Token), Token);
        Task<bool> batch = watch.ReadBatchAsync();
        await PutAsync("!not-watched", "x");
        await other.PutAsync("/a", "1"u8.ToArray(), Expectation.Any, null, Token);

        Revision current = await Store.CurrentRevisionAsync(Token);
        Assert.False(await batch);
        while (watch.Seen < current.Value)
        {
            Assert.False(await watch.ReadBatchAsync());
        }
    }

    [Fact]
    public async Task Range_LongerThanAChunk_IsSeenAtOneRevision()
    {
        await Task.WhenAll(Enumerable.Range(0, 16).Select(async writer =>
        {
            for (int i = writer; i < 6000; i += 16)
            {
                await PutAsync($"/n/{i:d5}", $"{i}");
            }
        }));

        RangePage page = await Store.RangeAsync(new RangeQuery("/n/"), Token);
        RangePage part = await Store.RangeAsync(new RangeQuery("/n/") { Limit = 5500 }, Token);

        Assert.Equal(Enumerable.Range(0, 6000).Select(i => $"/n/{i:d5}"), page.Items.Select(i => i.Key));
        Assert.Equal((5500, 500L), (part.Items.Count, part.Remaining));
    }

    [Fact]
    public async Task Calls_WithADeadEndpointFirst_UseTheOther()
    {
        EtcdStoreOptions options = _server.Options("/x");
        await using EtcdRevisionStore store = await EtcdRevisionStore.ConnectAsync(options with { Endpoints = [new Uri("http://127.0.0.1:1"), .. options.Endpoints] }, Token);
        await using var watch = new WatchReader(store, "/", await store.CurrentRevisionAsync(Token), Token);
        Task<Change> next = watch.NextAsync();

        WriteResult put = await store.PutAsync("/a", "1"u8.ToArray(), Expectation.Absent, null, Token);

        Assert.Equal(put.Revision.Value, (await next).Revision);
    }

    [Fact]
    public async Task Connect_ToNobody_IsUnavailable()
    {
        var options = new EtcdStoreOptions([new Uri("http://127.0.0.1:1")]) { RequestTimeout = TimeSpan.FromSeconds(1) };

        var fault = await Assert.ThrowsAsync<StoreException>(() => EtcdRevisionStore.ConnectAsync(options, Token));

        Assert.Equal(StoreFault.Unavailable, fault.Fault);
    }

    [Fact]
    public async Task TimeToLive_SharesLeases()
    {
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i =>
            Store.PutAsync($"/{i}", "1"u8.ToArray(), Expectation.Any, TimeSpan.FromHours(1), Token).AsTask()));
        int leases = await _server.CountLeasesAsync(Token);

        Assert.InRange(leases, 1, 2);
    }

    private static async Task<List<long>> ReadAsync(WatchReader watch, int count)
    {
        var revisions = new List<long>();
        while (revisions.Count < count)
        {
            revisions.Add((await watch.NextAsync()).Revision);
        }

        return revisions;
    }

    private async Task<Revision> PutAsync(string key, string value)
    {
        WriteResult result = await Store.PutAsync(key, Encoding.UTF8.GetBytes(value), Expectation.Any, null, Token);
        Assert.True(result.Committed);
        return result.Revision;
    }
}
