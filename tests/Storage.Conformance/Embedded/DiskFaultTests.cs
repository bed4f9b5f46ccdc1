using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;

namespace ControlPlane.Storage.Conformance.Embedded;

public sealed class DiskFaultTests : EmbeddedStoreTest
{
    [Fact]
    public async Task Put_OnAFullDisk_FailsCleanlyUntilThereIsSpace()
    {
        var files = new MemoryFiles { Space = 2 * SmallOptions.SegmentBytes };
        EmbeddedRevisionStore store = Open(files);
        int written = 0;
        StoreException fault = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            for (; ; written++)
            {
                await PutAsync(store, $"/{written:d4}", new string('x', 900));
            }
        });
        List<string> all = await AllAsync(store);
        await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, "/more", new string('x', 900)));
        files.Space = long.MaxValue;
        Revision healed = await PutAsync(store, "/healed", "1");
        List<Change> changes = await ChangesAsync(store, Revision.Zero);
        MemoryFiles killed = files.Kill();
        await using EmbeddedRevisionStore again = Open(killed);

        Assert.Equal(StoreFault.NoSpace, fault.Fault);
        Assert.Equal(written, all.Count);
        Assert.Equal(written + 1, healed.Value);
        Assert.Equal(written + 1, changes.Count);
        Assert.Equal([.. all, $"/healed=1@{healed}"], await AllAsync(again));
        Assert.Equal(["full", "space"], Observed.States);
    }

    [Fact]
    public async Task Put_WhenSyncFails_IsUnavailableAndSoIsEveryWriteAfterIt()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        await PutAsync(store, "/a", "1");
        files.FailSync = true;
        var first = await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, "/a", "2"));
        files.FailSync = false;
        var second = await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, "/b", "1"));
        List<string> all = await AllAsync(store);
        await store.DisposeAsync();
        await using EmbeddedRevisionStore again = Open(files.Kill());

        Assert.Equal((StoreFault.Unavailable, StoreFault.Unavailable), (first.Fault, second.Fault));
        Assert.Equal(["/a=1@1"], all);
        Assert.Equal(["failed"], Observed.States);
        // Unknown means unknown: it may have been written.
        Assert.Contains(Assert.Single(await AllAsync(again)), new[] { "/a=1@1", "/a=2@2" });
    }

    [Fact]
    public async Task Put_ByManyWhileOneSyncs_SharesTheNextSync()
    {
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var files = new MemoryFiles();
        await using EmbeddedRevisionStore store = Open(files);
        int before = files.Syncs;
        files.BeforeSync = () =>
        {
            entered.Set();
            go.Wait(Token);
        };
        Task<Revision> first = Task.Run(() => PutAsync(store, "/first", "1"));
        entered.Wait(Token);
        Task<Revision>[] rest = [.. Enumerable.Range(0, 50).Select(i => PutAsync(store, $"/{i}", "1"))];
        Assert.DoesNotContain(rest, r => r.IsCompleted);
        Assert.Empty(await AllAsync(store));
        go.Set();
        await first;
        await Task.WhenAll(rest);

        Assert.Equal(2, files.Syncs - before);
        Assert.Equal([1, 50], Observed.Batches.Select(b => b.Changes));
    }

    [Fact]
    public async Task Conflict_WithAWriteNotYetDurable_WaitsForIt()
    {
        using var entered = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var files = new MemoryFiles();
        await using EmbeddedRevisionStore store = Open(files);
        files.BeforeSync = () =>
        {
            entered.Set();
            go.Wait(Token);
        };
        Task<Revision> first = Task.Run(() => PutAsync(store, "/a", "1"));
        entered.Wait(Token);
        Task<WriteResult> second = store.PutAsync("/a", default, Expectation.Absent, null, Token).AsTask();
        Assert.False(second.IsCompleted);
        Assert.Null(await store.GetAsync("/a", Token));
        go.Set();

        Assert.Equal(await first, (await second).Current!.Revision);
    }

    [Fact]
    public async Task Open_OfADirectoryInUse_IsRefused()
    {
        using var directory = new TemporaryDirectory();
        var options = new EmbeddedStoreOptions(directory.Path);
        EmbeddedRevisionStore store = await EmbeddedRevisionStore.OpenAsync(options);
        var fault = await Assert.ThrowsAsync<StoreException>(() => EmbeddedRevisionStore.OpenAsync(options));
        await store.DisposeAsync();
        await using EmbeddedRevisionStore again = await EmbeddedRevisionStore.OpenAsync(options);

        Assert.Equal(StoreFault.Refused, fault.Fault);
        Assert.Contains($"in use by process {Environment.ProcessId}", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Watch_ThatIsNotRead_IsCutWithoutHarmToOthers()
    {
        var files = new MemoryFiles();
        await using EmbeddedRevisionStore store = Open(files, SmallOptions with { WatchBacklog = 10 });
        await using var slow = new WatchReader(store, "", Revision.Zero, Token);
        await using var fast = new WatchReader(store, "", Revision.Zero, Token);
        Task<Change> slowFirst = slow.NextAsync();
        for (int i = 0; i < 50; i++)
        {
            Task<Change> next = fast.NextAsync();
            await PutAsync(store, "/a", $"{i}");
            Assert.Equal($"{i}", (await next).Value);
        }

        Assert.Equal("0", (await slowFirst).Value);
        var fault = await Assert.ThrowsAsync<StoreException>(async () =>
        {
            while (true)
            {
                await slow.NextAsync();
            }
        });
        Assert.Equal(StoreFault.SlowConsumer, fault.Fault);
    }

    [Fact]
    public async Task CurrentRevision_MarksIdleWatches()
    {
        await using EmbeddedRevisionStore store = Open(new MemoryFiles());
        await using var watch = new WatchReader(store, "/quiet/", Revision.Zero, Token);
        Task<bool> batch = watch.ReadBatchAsync();
        await PutAsync(store, "/loud/a", "1");

        Revision current = await store.CurrentRevisionAsync(Token);

        Assert.False(await batch);
        Assert.Equal(current.Value, watch.Seen);
    }
}
