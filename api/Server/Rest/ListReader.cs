using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Watching;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Server.Rest;

/// <summary>A page of a list.</summary>
/// <param name="Objects">In key order.</param>
/// <param name="Revision">The revision at which every page of the list is consistent.</param>
/// <param name="Continue">Token of the next page; null on the last.</param>
/// <param name="Remaining">How many objects follow, when that is known.</param>
internal sealed record ListPage(IEnumerable<StoredObject> Objects, long Revision, string? Continue, long? Remaining);

/// <summary>
/// Finds the objects of a list. The first page comes from the cache, which for a fresh list first catches up with the store; later pages and
/// exact versions come from the store's history, at the revision of the first.
/// </summary>
internal sealed class ListReader(ResourceStore store, WatchHub hub)
{
    private const int StorePage = 500;
    private static readonly TimeSpan CatchUp = TimeSpan.FromMilliseconds(500);

    private const string PageExpired =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter, " +
        "or use the continue token in this response to retrieve the remainder of the results. Continuing with the provided token results in an " +
        "inconsistent list - objects that were created, modified, or deleted between the time the first chunk was returned and now may show up in the list.";

    public async ValueTask<ListPage> ReadAsync(RestCall call, ListOptions options, ObjectFilter filter)
    {
        if (options.Continue is { } text)
            return await ContinueAsync(call, options, filter, ContinueToken.Parse(text));
        if (options is { Match: VersionMatch.Exact, Version: { } exact })
            return await FromStoreAsync(call, options, filter, new Revision(exact), null);
        var known = await FreshnessAsync(options, call.Aborted);
        if (known < 0)
            return await FromStoreAsync(call, options, filter, null, null);
        return FromCache(call, options, filter, known);
    }

    /// <summary>A revision that the cache has reached and that is fresh enough; negative when the cache lags behind the store.</summary>
    private async ValueTask<long> FreshnessAsync(ListOptions options, CancellationToken cancellationToken)
    {
        if (options.Version == 0)
            return hub.Revision;
        if (options.Version is { } wanted)
        {
            if (!await hub.WaitForAsync(wanted, GetHandler.Patience, cancellationToken))
                throw ApiErrors.VersionTooLarge(wanted, hub.Revision);
            return hub.Revision;
        }
        var current = await store.CurrentRevisionAsync(cancellationToken);
        return await hub.WaitForAsync(current, CatchUp, cancellationToken) ? hub.Revision : -1;
    }

    private ListPage FromCache(RestCall call, ListOptions options, ObjectFilter filter, long known)
    {
        var snapshot = store.CacheOf(call.Definition).SnapshotWithCursor(call.Namespace);
        var revision = Math.Max(known, snapshot.Revision);
        var objects = snapshot.Objects;
        // A list that may be stale is never cut into pages: its revision may not be in the store's history.
        if (options.Limit == 0 || options.Version == 0)
            return new ListPage(Matching(objects, filter), revision, null, null);
        var page = new List<StoredObject>(Math.Min(options.Limit, objects.Length));
        var next = 0;
        for (; next < objects.Length && page.Count < options.Limit; next++)
        {
            if (filter.Matches(objects.Span[next]))
                page.Add(objects.Span[next]);
        }
        if (next == objects.Length)
            return new ListPage(page, revision, null, null);
        return new ListPage(page, revision, TokenAfter(call, revision, page[^1].Key), filter.IsSelective ? null : objects.Length - next);
    }

    private static IEnumerable<StoredObject> Matching(ReadOnlyMemory<StoredObject> objects, ObjectFilter filter)
    {
        for (var i = 0; i < objects.Length; i++)
        {
            if (filter.Matches(objects.Span[i]))
                yield return objects.Span[i];
        }
    }

    private async ValueTask<ListPage> ContinueAsync(RestCall call, ListOptions options, ObjectFilter filter, ContinueToken token)
    {
        var after = Scope(call) + token.After;
        try
        {
            return await FromStoreAsync(call, options, filter, token.Revision < 0 ? null : new Revision(token.Revision), after);
        }
        catch (StoreException error) when (error.Fault == StoreFault.Compacted)
        {
            throw ApiErrors.Expired(PageExpired, new ContinueToken(-1, token.After).Encode());
        }
    }

    private async ValueTask<ListPage> FromStoreAsync(RestCall call, ListOptions options, ObjectFilter filter, Revision? at, string? after)
    {
        var found = new List<StoredObject>();
        var query = new RangeQuery(Scope(call)) { Limit = options.Limit > 0 ? options.Limit : StorePage, AtRevision = at, AfterKey = after };
        while (true)
        {
            var page = await store.RangeAsync(query, call.Aborted);
            foreach (var value in page.Objects)
            {
                if (!filter.Matches(value))
                    continue;
                found.Add(value);
                if (options.Limit > 0 && found.Count == options.Limit)
                    return Cut(call, filter, found, page);
            }
            if (page.Remaining == 0)
                return new ListPage(found, page.Revision, null, null);
            query = query with { AfterKey = page.Objects[^1].Key, AtRevision = new Revision(page.Revision) };
        }
    }

    private static ListPage Cut(RestCall call, ObjectFilter filter, List<StoredObject> found, ObjectPage page)
    {
        var rest = page.Objects.Count - 1 - IndexOf(page.Objects, found[^1]) + page.Remaining;
        return rest == 0
            ? new ListPage(found, page.Revision, null, null)
            : new ListPage(found, page.Revision, TokenAfter(call, page.Revision, found[^1].Key), filter.IsSelective ? null : rest);
    }

    private static int IndexOf(IReadOnlyList<StoredObject> objects, StoredObject last)
    {
        var index = objects.Count - 1;
        while (!ReferenceEquals(objects[index], last))
            index--;
        return index;
    }

    private static string Scope(RestCall call) => StorageKey.Scope(call.Definition.StoragePrefix, call.Namespace);

    private static string TokenAfter(RestCall call, long revision, string key) => new ContinueToken(revision, key[Scope(call).Length..]).Encode();
}
