using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Tests.Server.Watching;

public sealed class WatchCacheTests
{
    private const string Prefix = "/registry/core/configmaps/";

    [Fact]
    public void Snapshot_OfANamespace_HasOnlyItsObjectsInOrder()
    {
        var cache = Cache();
        foreach (var key in (string[])["b/2", "a/1", "ab/3", "b/1", "a-b/4"])
            cache.Load(Value(key, 1));

        Assert.Equal(["b/1", "b/2"], cache.Snapshot("b").ToArray().Select(v => v.Key[Prefix.Length..]));
        Assert.Equal(["a/1"], cache.Snapshot("a").ToArray().Select(v => v.Key[Prefix.Length..]));
        Assert.Equal(5, cache.Snapshot("").Length);
    }

    [Fact]
    public void TryRead_GivesEveryEventOnceAndInOrder()
    {
        var cache = Cache();
        var cursor = cache.SnapshotWithCursor("").Next;
        for (var revision = 11; revision <= 1000; revision++)
            cache.Apply([new CacheEvent(revision, Value("ns/x", revision), null)]);

        var events = ReadAll(cache, ref cursor);

        Assert.Equal(Enumerable.Range(11, 990).Select(r => (long)r), events.Select(e => e.Revision));
    }

    [Fact]
    public void TryRead_OfAReaderLeftBehind_SaysSo()
    {
        var cache = new WatchCache(Prefix, 10, new WatchCacheLimits(RingBytes: 2000, MinEvents: 2));
        var cursor = cache.SnapshotWithCursor("").Next;
        for (var revision = 11; revision <= 100; revision++)
            cache.Apply([new CacheEvent(revision, Value("ns/x", revision), null)]);

        Assert.False(cache.TryRead(ref cursor, [], 10, out _));
        Assert.Null(cache.CursorAfter(11));
        Assert.NotNull(cache.CursorAfter(cache.Floor));
        Assert.InRange(cache.Floor, 11, 99);
    }

    [Fact]
    public void CursorAfter_StartsRightBehindTheRevision()
    {
        var cache = Cache();
        cache.Apply([new CacheEvent(20, Value("ns/a", 20), null), new CacheEvent(30, Value("ns/b", 30), null)]);

        var cursor = cache.CursorAfter(20)!.Value;

        Assert.Equal([30L], ReadAll(cache, ref cursor).Select(e => e.Revision));
    }

    [Fact]
    public void TryRead_WhenNothingIsThere_TellsWhenThatChanges()
    {
        var cache = Cache();
        var cursor = cache.SnapshotWithCursor("").Next;
        Assert.True(cache.TryRead(ref cursor, [], 10, out var changed));
        Assert.False(changed.IsCompleted);

        cache.Apply([new CacheEvent(11, Value("ns/x", 11), null)]);

        Assert.True(changed.IsCompleted);
    }

    [Fact]
    public void Replace_CutsReadersAndForgetsHistory()
    {
        var cache = Cache();
        cache.Load(Value("ns/gone", 5));
        var cursor = cache.SnapshotWithCursor("").Next;

        cache.Replace([Value("ns/new", 50)], 60);

        Assert.False(cache.TryRead(ref cursor, [], 10, out _));
        Assert.Null(cache.CursorAfter(59));
        Assert.NotNull(cache.CursorAfter(60));
        Assert.Equal("new", cache.Snapshot().Single().Key.Split('/')[^1]);
    }

    [Fact]
    public void Apply_OfADeletion_RemovesTheObject()
    {
        var cache = Cache();
        var value = Value("ns/x", 5);
        cache.Load(value);

        cache.Apply([new CacheEvent(11, null, value)]);

        Assert.Null(cache.Find("ns", "x"));
        Assert.Equal(11, cache.SnapshotWithCursor("").Revision);
    }

    private static List<CacheEvent> ReadAll(WatchCache cache, ref long cursor)
    {
        var all = new List<CacheEvent>();
        int before;
        do
        {
            before = all.Count;
            Assert.True(cache.TryRead(ref cursor, all, all.Count + 100, out _));
        }
        while (all.Count > before);
        return all;
    }

    private static WatchCache Cache() => new(Prefix, 10, new WatchCacheLimits());

    private static StoredObject Value(string key, long revision) =>
        new(Prefix + key, """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x"}}"""u8.ToArray(), revision);
}
