using System.Text;
using ControlPlane.Api.Storage;

namespace ControlPlane.Storage.Conformance;

/// <summary>What every store must do. A subclass per implementation opens an empty one.</summary>
public abstract class RevisionStoreConformance : IAsyncLifetime
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);
    private readonly CancellationTokenSource _deadline = new(Deadline);
    private IRevisionStore? _store;

    protected CancellationToken Token => _deadline.Token;

    protected IRevisionStore Store => _store ?? throw new InvalidOperationException("not opened");

    /// <summary>How long a key may outlive its time to live.</summary>
    protected virtual TimeSpan ExpiryTolerance => TimeSpan.FromSeconds(12);

    protected abstract Task<IRevisionStore> OpenAsync();

    public virtual async Task InitializeAsync() => _store = await OpenAsync();

    public virtual async Task DisposeAsync()
    {
        await Store.DisposeAsync();
        _deadline.Dispose();
    }

    [Fact]
    public async Task Get_OfAbsentKey_IsNull() => Assert.Null(await Store.GetAsync("/a", Token));

    [Fact]
    public async Task Put_ThenGet_GivesValueAndRevision()
    {
        WriteResult written = await PutAsync("/a", "1");

        StoredValue? value = await Store.GetAsync("/a", Token);

        Assert.True(written.Committed);
        Assert.Equal(("/a", "1", written.Revision), Tuple(value));
    }

    [Fact]
    public async Task Put_OfEmptyValue_IsNotAbsent()
    {
        await PutAsync("/a", "");

        StoredValue? value = await Store.GetAsync("/a", Token);

        Assert.NotNull(value);
        Assert.Equal(0, value.Value.Length);
    }

    [Fact]
    public async Task Put_Twice_TakesRisingRevisions()
    {
        WriteResult first = await PutAsync("/a", "1");
        WriteResult second = await PutAsync("/b", "1");

        Assert.True(second.Revision > first.Revision);
        Assert.True(await Store.CurrentRevisionAsync(Token) >= second.Revision);
    }

    [Fact]
    public async Task Put_ExpectingAbsent_OnPresentKey_ConflictsWithCurrent()
    {
        WriteResult first = await PutAsync("/a", "1");

        WriteResult second = await PutAsync("/a", "2", Expectation.Absent);

        Assert.False(second.Committed);
        Assert.Equal(("/a", "1", first.Revision), Tuple(second.Current));
        Assert.Equal("1", await TextAsync("/a"));
    }

    [Fact]
    public async Task Put_ExpectingRevision_CommitsOnlyAtThatRevision()
    {
        WriteResult first = await PutAsync("/a", "1", Expectation.Absent);
        WriteResult second = await PutAsync("/a", "2", Expectation.At(first.Revision));
        WriteResult stale = await PutAsync("/a", "3", Expectation.At(first.Revision));
        WriteResult missing = await PutAsync("/b", "3", Expectation.At(first.Revision));

        Assert.True(first.Committed);
        Assert.True(second.Committed);
        Assert.False(stale.Committed);
        Assert.Equal(("/a", "2", second.Revision), Tuple(stale.Current));
        Assert.False(missing.Committed);
        Assert.Null(missing.Current);
    }

    [Fact]
    public async Task Delete_GivesTheDeletedValue()
    {
        WriteResult put = await PutAsync("/a", "1");

        WriteResult deleted = await Store.DeleteAsync("/a", Expectation.Any, Token);

        Assert.True(deleted.Committed);
        Assert.True(deleted.Revision > put.Revision);
        Assert.Equal(("/a", "1", put.Revision), Tuple(deleted.Current));
        Assert.Null(await Store.GetAsync("/a", Token));
    }

    [Fact]
    public async Task Delete_OfAbsentKey_ConflictsWithNothing()
    {
        foreach (Expectation expectation in new[] { Expectation.Any, Expectation.Absent, Expectation.At(new Revision(1)) })
        {
            WriteResult deleted = await Store.DeleteAsync("/a", expectation, Token);

            Assert.False(deleted.Committed);
            Assert.Null(deleted.Current);
        }
    }

    [Fact]
    public async Task Delete_ExpectingRevision_CommitsOnlyAtThatRevision()
    {
        WriteResult first = await PutAsync("/a", "1");
        WriteResult second = await PutAsync("/a", "2");

        WriteResult stale = await Store.DeleteAsync("/a", Expectation.At(first.Revision), Token);
        WriteResult right = await Store.DeleteAsync("/a", Expectation.At(second.Revision), Token);

        Assert.False(stale.Committed);
        Assert.Equal(("/a", "2", second.Revision), Tuple(stale.Current));
        Assert.True(right.Committed);
    }

    [Fact]
    public async Task Put_OverTheLimit_IsTooLargeAndChangesNothing()
    {
        await PutAsync("/a", "1");

        var fault = await Assert.ThrowsAsync<StoreException>(async () =>
            await Store.PutAsync("/a", new byte[8 * 1024 * 1024], Expectation.Any, null, Token));

        Assert.Equal(StoreFault.TooLarge, fault.Fault);
        Assert.Equal("1", await TextAsync("/a"));
    }

    [Fact]
    public async Task Range_GivesKeysOfPrefix_InByteOrder()
    {
        // U+FF5E is below U+1F600 in UTF-8 although its UTF-16 is above.
        string[] keys = ["/p/b", "/p/a", "/p/\U0001F600", "/p/～", "/p/a/b", "/pa", "/o/z", "/p/ä"];
        foreach (string key in keys)
        {
            await PutAsync(key, key);
        }

        RangePage page = await Store.RangeAsync(new RangeQuery("/p/"), Token);

        Assert.Equal(["/p/a", "/p/a/b", "/p/b", "/p/ä", "/p/～", "/p/\U0001F600"], page.Items.Select(i => i.Key));
        Assert.Equal(0, page.Remaining);
        Assert.All(page.Items, i => Assert.Equal(i.Key, Encoding.UTF8.GetString(i.Value.Span)));
    }

    [Fact]
    public async Task Range_OfEmptyPrefix_GivesEverything()
    {
        await PutAsync("/a", "1");
        await PutAsync("b", "1");

        RangePage page = await Store.RangeAsync(new RangeQuery(""), Token);

        Assert.Equal(["/a", "b"], page.Items.Select(i => i.Key));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(10)]
    [InlineData(11)]
    public async Task Range_InPages_SeesOneRevision(int limit)
    {
        for (int i = 0; i < 10; i++)
        {
            await PutAsync($"/p/{i}", "old");
        }

        var seen = new List<string>();
        var query = new RangeQuery("/p/") { Limit = limit };
        while (true)
        {
            RangePage page = await Store.RangeAsync(query, Token);
            seen.AddRange(page.Items.Select(i => $"{i.Key}={Encoding.UTF8.GetString(i.Value.Span)}"));
            Assert.Equal(10 - seen.Count, page.Remaining);
            Assert.Equal(query.AtRevision ?? page.Revision, page.Revision);
            if (page.Remaining == 0)
            {
                break;
            }

            // The world changes between pages: ahead of the reader and behind it.
            await PutAsync($"/p/{seen.Count}", "new");
            await PutAsync($"/p/{seen.Count}x", "new");
            await Store.DeleteAsync("/p/9", Expectation.Any, Token);
            query = query with { AfterKey = page.Items[^1].Key, AtRevision = page.Revision };
        }

        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"/p/{i}=old"), seen);
    }

    [Fact]
    public async Task Range_AtRevision_SeesThePast()
    {
        WriteResult first = await PutAsync("/p/a", "1");
        WriteResult second = await PutAsync("/p/b", "1");
        await PutAsync("/p/a", "2");
        await Store.DeleteAsync("/p/b", Expectation.Any, Token);

        Assert.Equal(["/p/a=1"], await RangeTextAsync("/p/", first.Revision));
        Assert.Equal(["/p/a=1", "/p/b=1"], await RangeTextAsync("/p/", second.Revision));
        Assert.Equal(["/p/a=2"], await RangeTextAsync("/p/", null));
    }

    [Fact]
    public async Task Range_AtFutureRevision_Throws()
    {
        WriteResult put = await PutAsync("/a", "1");

        var fault = await Assert.ThrowsAsync<StoreException>(async () =>
            await Store.RangeAsync(new RangeQuery("/") { AtRevision = new Revision(put.Revision.Value + 1_000_000) }, Token));

        Assert.Equal(StoreFault.FutureRevision, fault.Fault);
    }

    [Fact]
    public async Task Range_AtCompactedRevision_ThrowsWithTheBoundary()
    {
        WriteResult first = await PutAsync("/a", "1");
        WriteResult second = await PutAsync("/a", "2");
        await PutAsync("/a", "3");
        await Store.CompactAsync(second.Revision, Token);
        await Store.CompactAsync(first.Revision, Token);

        var fault = await Assert.ThrowsAsync<StoreException>(async () =>
            await Store.RangeAsync(new RangeQuery("/") { AtRevision = first.Revision }, Token));

        Assert.Equal(StoreFault.Compacted, fault.Fault);
        Assert.Equal(["/a=2"], await RangeTextAsync("/", second.Revision));
        Assert.Equal("3", await TextAsync("/a"));
    }

    [Fact]
    public async Task Compact_AtFutureRevision_Throws()
    {
        WriteResult put = await PutAsync("/a", "1");

        var fault = await Assert.ThrowsAsync<StoreException>(async () =>
            await Store.CompactAsync(new Revision(put.Revision.Value + 1_000_000), Token));

        Assert.Equal(StoreFault.FutureRevision, fault.Fault);
    }

    [Fact]
    public async Task Watch_GivesChangesAfterRevision_WithPrevious()
    {
        WriteResult before = await PutAsync("/p/a", "0");
        WriteResult created = await PutAsync("/p/b", "1", Expectation.Absent);
        WriteResult elsewhere = await PutAsync("/q/a", "1");
        await using var watch = new WatchReader(Store, "/p/", before.Revision, Token);
        Change first = await watch.NextAsync();
        WriteResult updated = await PutAsync("/p/a", "2");
        WriteResult deleted = await Store.DeleteAsync("/p/b", Expectation.Any, Token);

        Assert.Equal(new Change("/p/b", created.Revision.Value, "1", null, 0), first);
        Assert.Equal(new Change("/p/a", updated.Revision.Value, "2", "0", before.Revision.Value), await watch.NextAsync());
        Assert.Equal(new Change("/p/b", deleted.Revision.Value, null, "1", created.Revision.Value), await watch.NextAsync());
        Assert.True(elsewhere.Committed);
    }

    [Fact]
    public async Task Watch_OfCompactedHistory_ThrowsWithTheBoundary()
    {
        WriteResult first = await PutAsync("/a", "1");
        await PutAsync("/a", "2");
        WriteResult third = await PutAsync("/a", "3");
        await Store.CompactAsync(third.Revision, Token);

        await using var watch = new WatchReader(Store, "/", first.Revision, Token);
        var fault = await Assert.ThrowsAsync<StoreException>(watch.NextAsync);

        Assert.Equal(StoreFault.Compacted, fault.Fault);
        Assert.Equal(third.Revision, fault.Boundary);
    }

    [Fact]
    public async Task Watch_AcrossCompaction_MissesNothing()
    {
        WriteResult start = await PutAsync("/p/0", "x");
        await using var watch = new WatchReader(Store, "/p/", start.Revision, Token);
        for (int i = 1; i <= 300; i++)
        {
            WriteResult put = await PutAsync($"/p/{i % 7}", $"{i}");
            if (i % 10 == 0)
            {
                await Store.CompactAsync(put.Revision, Token);
            }

            Assert.Equal($"{i}", (await watch.NextAsync()).Value);
        }
    }

    [Fact]
    public async Task Watch_UnderConcurrentWriters_SeesEveryRevisionOnceInOrder()
    {
        const int Writers = 8;
        const int Each = 60;
        Revision start = (await PutAsync("/p/start", "")).Revision;
        await using var early = new WatchReader(Store, "/p/", start, Token);
        Task<WriteResult[]>[] writers = [.. Enumerable.Range(0, Writers).Select(w => Task.Run(async () =>
        {
            var results = new List<WriteResult>();
            for (int i = 0; i < Each; i++)
            {
                results.Add(await PutAsync($"/p/{w}/{i % 5}", $"{w}-{i}"));
                await PutAsync($"/q/{w}", "noise");
            }

            return results.ToArray();
        }))];
        long[] expected = [.. (await Task.WhenAll(writers)).SelectMany(r => r).Select(r => r.Revision.Value).Order()];
        await using var late = new WatchReader(Store, "/p/", start, Token);

        Assert.Equal(expected, await RevisionsAsync(early, expected.Length));
        Assert.Equal(expected, await RevisionsAsync(late, expected.Length));
    }

    [Fact]
    public async Task Watch_ByManyWatchers_ReachesEachWithItsOwn()
    {
        const int Watchers = 1000;
        Revision start = await Store.CurrentRevisionAsync(Token);
        WatchReader[] watches = [.. Enumerable.Range(0, Watchers).Select(i => new WatchReader(Store, i % 2 == 0 ? "/p/" : $"/p/{i}/", start, Token))];
        Task<Change>[] firsts = [.. watches.Select(w => w.NextAsync())];
        for (int i = 1; i < Watchers; i += 2)
        {
            await PutAsync($"/p/{i}/x", $"{i}");
        }

        Change[] changes = await Task.WhenAll(firsts);

        for (int i = 0; i < Watchers; i++)
        {
            Assert.Equal(i % 2 == 0 ? "1" : $"{i}", changes[i].Value);
        }

        foreach (WatchReader watch in watches)
        {
            await watch.DisposeAsync();
        }
    }

    [Fact]
    public async Task CurrentRevision_BringsEveryWatchAtLeastThere()
    {
        await using var idle = new WatchReader(Store, "/idle/", await Store.CurrentRevisionAsync(Token), Token);
        Task<bool> first = idle.ReadBatchAsync();
        await PutAsync("/busy/a", "1");

        Revision current = await Store.CurrentRevisionAsync(Token);

        bool changed = await first;
        while (idle.Seen < current.Value)
        {
            changed |= await idle.ReadBatchAsync();
        }

        Assert.False(changed);
    }

    [Fact]
    public async Task Watch_Cancelled_Ends()
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var watch = new WatchReader(Store, "/", await Store.CurrentRevisionAsync(Token), cancel.Token);
        Task<Change> next = watch.NextAsync();

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(Token));
    }

    [Fact]
    public async Task Put_WithTimeToLive_IsDeletedWithAnEvent()
    {
        WriteResult put = await Store.PutAsync("/a", "1"u8.ToArray(), Expectation.Any, TimeSpan.FromSeconds(1), Token);
        await using var watch = new WatchReader(Store, "/", put.Revision, Token);

        Change change = await watch.NextAsync().WaitAsync(TimeSpan.FromSeconds(1) + ExpiryTolerance);

        Assert.Equal(("/a", null, "1", put.Revision.Value), (change.Key, change.Value, change.Previous, change.PreviousRevision));
        Assert.Null(await Store.GetAsync("/a", Token));
    }

    [Fact]
    public async Task Put_AfterPutWithTimeToLive_ClearsIt()
    {
        await Store.PutAsync("/kept", "1"u8.ToArray(), Expectation.Any, TimeSpan.FromSeconds(1), Token);
        await PutAsync("/kept", "2");
        WriteResult doomed = await Store.PutAsync("/doomed", "1"u8.ToArray(), Expectation.Any, TimeSpan.FromSeconds(1), Token);
        await using var watch = new WatchReader(Store, "/doomed", doomed.Revision, Token);

        await watch.NextAsync().WaitAsync(TimeSpan.FromSeconds(1) + ExpiryTolerance);

        Assert.Equal("2", await TextAsync("/kept"));
    }

    [Fact]
    public async Task Put_Cancelled_Throws() =>
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await Store.PutAsync("/a", "1"u8.ToArray(), Expectation.Any, null, new CancellationToken(canceled: true)));

    [Fact]
    public async Task Put_OnOneKeyByManyClients_HasOneWinnerPerRevision()
    {
        WriteResult start = await PutAsync("/counter", "0");
        int[] wins = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            int won = 0;
            StoredValue current = (await Store.GetAsync("/counter", Token))!;
            while (won < 20)
            {
                int next = int.Parse(Encoding.UTF8.GetString(current.Value.Span)) + 1;
                WriteResult result = await PutAsync("/counter", $"{next}", Expectation.At(current.Revision));
                won += result.Committed ? 1 : 0;
                current = result.Committed ? (await Store.GetAsync("/counter", Token))! : result.Current!;
            }

            return won;
        })));

        Assert.Equal(160, wins.Sum());
        Assert.Equal("160", await TextAsync("/counter"));
        Assert.True(start.Committed);
    }

    [Fact]
    public async Task RandomHistory_MatchesTheModel() => await Model.ModelComparison.RunAsync(Store, seed: Random.Shared.Next(), steps: 600, Token);

    protected ValueTask<WriteResult> PutAsync(string key, string value, Expectation expectation = default) =>
        Store.PutAsync(key, Encoding.UTF8.GetBytes(value), expectation, null, Token);

    protected async Task<string?> TextAsync(string key) =>
        await Store.GetAsync(key, Token) is { } value ? Encoding.UTF8.GetString(value.Value.Span) : null;

    private static (string?, string?, Revision?) Tuple(StoredValue? value) =>
        (value?.Key, value is null ? null : Encoding.UTF8.GetString(value.Value.Span), value?.Revision);

    private static async Task<List<long>> RevisionsAsync(WatchReader watch, int count)
    {
        var revisions = new List<long>();
        while (revisions.Count < count)
        {
            revisions.Add((await watch.NextAsync()).Revision);
        }

        return revisions;
    }

    private async Task<List<string>> RangeTextAsync(string prefix, Revision? at)
    {
        RangePage page = await Store.RangeAsync(new RangeQuery(prefix) { AtRevision = at }, Token);
        return [.. page.Items.Select(i => $"{i.Key}={Encoding.UTF8.GetString(i.Value.Span)}")];
    }
}
