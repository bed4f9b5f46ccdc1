using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;

namespace ControlPlane.Storage.Conformance.Embedded;

public sealed class RecoveryTests : EmbeddedStoreTest
{
    private const string Log = "log-0000000000000001";
    private const int DataOffset = 4096;

    [Fact]
    public async Task Open_AfterClose_HasEveryKeyAndItsHistory()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        Revision first = await PutAsync(store, "/a", "1");
        await PutAsync(store, "/b", "");
        await PutAsync(store, "/a", "2");
        await store.DeleteAsync("/b", Expectation.Any, Token);
        List<string> all = await AllAsync(store);
        List<string> past = await AllAsync(store, first);
        List<Change> changes = await ChangesAsync(store, Revision.Zero);
        await store.DisposeAsync();

        await using EmbeddedRevisionStore again = Open(files);

        Assert.Equal(["/a=2@3"], all);
        Assert.Equal(all, await AllAsync(again));
        Assert.Equal(past, await AllAsync(again, first));
        Assert.Equal(changes, await ChangesAsync(again, Revision.Zero));
        Assert.Equal(new Revision(5), await PutAsync(again, "/c", "1"));
        Assert.Empty(Observed.Cuts);
    }

    [Fact]
    public async Task Open_WithLastRecordTornAnywhere_CutsItAndGoesOn()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        await PutAsync(store, "/a", "1");
        await PutAsync(store, "/a", "2");
        await PutAsync(store, "/b", "torn");
        byte[] whole = files.Kill().Read(Log);
        await Assert.ThrowsAsync<StoreException>(() => PutAsync(store, "/x", "x"));
        int end = DataOffset + Observed.Batches.Sum(b => b.Bytes);
        int start = end - Observed.Batches[^1].Bytes;
        for (int cut = start; cut < end - Padding(whole, end); cut++)
        {
            foreach (bool truncated in new[] { true, false })
            {
                Observed.Cuts.Clear();
                byte[] torn = whole[..cut];
                var damaged = new MemoryFiles();
                damaged.Replace(Log, truncated ? torn : [.. torn, .. new byte[whole.Length - cut]]);

                EmbeddedRevisionStore recovered = Open(damaged);
                Assert.Equal(["/a=2@2"], await AllAsync(recovered));
                Assert.Equal(new Revision(3), await PutAsync(recovered, "/c", "3"));
                await recovered.DisposeAsync();
                await using EmbeddedRevisionStore again = Open(damaged);
                Assert.Equal(["/a=2@2", "/c=3@3"], await AllAsync(again));
                Assert.True(cut < start + 16 || Observed.Cuts is [(_, var offset, > 0)] && offset == start, $"cut at {cut}: {string.Join(',', Observed.Cuts)}");
            }
        }
    }

    [Fact]
    public async Task Open_WithABitFlippedBeforeTheLastRecord_RefusesAndSaysWhere()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        await PutAsync(store, "/a", "1");
        await PutAsync(store, "/b", "2");
        await PutAsync(store, "/c", "3");
        byte[] whole = files.Kill().Read(Log);
        int lastStart = DataOffset + Observed.Batches.SkipLast(1).Sum(b => b.Bytes);
        int[] header = [.. Enumerable.Range(0, 20)];
        foreach (int at in header.Concat(Enumerable.Range(DataOffset, lastStart - DataOffset)))
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= (byte)(1 << (at % 8));
            var damaged = new MemoryFiles();
            damaged.Replace(Log, flipped);

            var fault = Assert.Throws<StoreException>(() => Open(damaged));

            Assert.Equal(StoreFault.Corrupt, fault.Fault);
            Assert.Contains($"memory:{Log} at byte", fault.Message, StringComparison.Ordinal);
            Assert.Equal(flipped, damaged.Read(Log));
        }
    }

    [Fact]
    public async Task Open_WithABitFlippedInTheLastRecord_RefusesAfterACleanClose()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        await PutAsync(store, "/a", "1");
        await store.DisposeAsync();
        byte[] flipped = files.Read(Log);
        flipped[DataOffset + 50] ^= 1;
        files.Replace(Log, flipped);

        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(files)).Fault);
    }

    [Fact]
    public async Task Housekeeping_WhenIdle_SealsTheLastRecord()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        await PutAsync(store, "/a", "1");
        await store.Housekeeper.KeepAsync(Token);
        await store.Housekeeper.KeepAsync(Token);
        MemoryFiles killed = files.Kill();
        byte[] flipped = killed.Read(Log);
        flipped[DataOffset + 50] ^= 1;
        killed.Replace(Log, flipped);

        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(killed)).Fault);
    }

    [Fact]
    public async Task Open_WithASegmentMissing_Refuses()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        for (int i = 0; i < 300; i++)
        {
            await PutAsync(store, $"/{i}", new string('x', 900));
        }

        await store.DisposeAsync();
        string[] logs = [.. files.List().Where(n => n.StartsWith("log-", StringComparison.Ordinal))];
        Assert.True(logs.Length > 3, string.Join(' ', files.List()));
        files.Delete(logs[1]);

        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(files)).Fault);

        files.Delete(logs[0]);
        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(files)).Fault);
    }

    [Fact]
    public async Task Snapshot_TakesTheLogsPlace_AndTheStoreReadsTheSame()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        for (int round = 0; round < 60; round++)
        {
            for (int i = 0; i < 20; i++)
            {
                await PutAsync(store, $"/{i}", $"{round}-" + new string('x', 800));
            }

            await store.DeleteAsync($"/{round % 20}", Expectation.Any, Token);
            await store.Housekeeper.KeepAsync(Token);
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        long bytes = files.List().Sum(n => (long)files.Read(n).Length);
        Revision last = await store.CurrentRevisionAsync(Token);
        Revision recent = new(last.Value - 60);
        List<string> all = await AllAsync(store);
        List<string> past = await AllAsync(store, recent);
        List<Change> changes = await ChangesAsync(store, recent);
        var old = await Assert.ThrowsAsync<StoreException>(() => AllAsync(store, new Revision(5)));
        await store.DisposeAsync();
        await using EmbeddedRevisionStore again = Open(files);

        Assert.True(Observed.Snapshots.Count > 3, "no snapshots");
        Assert.True(bytes < 12 * SmallOptions.SegmentBytes, $"{bytes} bytes in {string.Join(' ', files.List())}");
        Assert.Equal(StoreFault.Compacted, old.Fault);
        Assert.Equal(19, all.Count);
        Assert.Equal(all, await AllAsync(again));
        Assert.Equal(past, await AllAsync(again, recent));
        Assert.Equal(changes, await ChangesAsync(again, recent));
        Assert.Equal(last, await again.CurrentRevisionAsync(Token));
    }

    [Fact]
    public async Task Open_WithADamagedSnapshot_Refuses()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        for (int i = 0; i < 600; i++)
        {
            await PutAsync(store, $"/{i % 10}", new string('x', 800));
        }

        await store.Housekeeper.KeepAsync(Token);
        Time.Advance(TimeSpan.FromMinutes(6));
        await store.Housekeeper.KeepAsync(Token);
        await store.DisposeAsync();
        string snapshot = Assert.Single(files.List(), n => n.StartsWith("snapshot-", StringComparison.Ordinal));
        byte[] whole = files.Read(snapshot);
        for (int at = 0; at < whole.Length; at += 37)
        {
            byte[] flipped = [.. whole];
            flipped[at] ^= 4;
            files.Replace(snapshot, flipped);
            Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(files)).Fault);
        }

        files.Replace(snapshot, whole[..^8]);
        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(files)).Fault);
        files.Delete(snapshot);
        Assert.Equal(StoreFault.Corrupt, Assert.Throws<StoreException>(() => Open(files)).Fault);
    }

    [Fact]
    public async Task TimeToLive_OutlivesARestart()
    {
        var files = new MemoryFiles();
        EmbeddedRevisionStore store = Open(files);
        await PutAsync(store, "/short", "1", TimeSpan.FromMinutes(1));
        await PutAsync(store, "/long", "1", TimeSpan.FromMinutes(10));
        await PutAsync(store, "/renewed", "1", TimeSpan.FromMinutes(1));
        await PutAsync(store, "/renewed", "2", TimeSpan.FromMinutes(10));
        await PutAsync(store, "/kept", "1", TimeSpan.FromMinutes(1));
        await PutAsync(store, "/kept", "2");
        await store.Housekeeper.KeepAsync(Token);
        Assert.Equal(4, (await AllAsync(store)).Count);
        await store.DisposeAsync();

        await using EmbeddedRevisionStore again = Open(files);
        Time.Advance(TimeSpan.FromMinutes(2));
        await again.Housekeeper.KeepAsync(Token);
        Assert.Equal(["/kept=2@6", "/long=1@2", "/renewed=2@4"], await AllAsync(again));
        Time.Advance(TimeSpan.FromMinutes(9));
        await again.Housekeeper.KeepAsync(Token);
        Assert.Equal(["/kept=2@6"], await AllAsync(again));
    }

    private static int Padding(byte[] whole, int end) => whole.AsSpan(0, end).Length - whole.AsSpan(0, end).TrimEnd((byte)0).Length;
}
