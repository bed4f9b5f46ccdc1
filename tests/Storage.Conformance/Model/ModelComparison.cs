using System.Text;
using ControlPlane.Api.Storage;

namespace ControlPlane.Storage.Conformance.Model;

/// <summary>
/// Runs a random history against a store and against the simplest thing that could be right: a sorted dictionary per revision.
/// Revisions of the model are the store's own, so stores that share their counter compare too.
/// </summary>
internal static class ModelComparison
{
    private static readonly string[] Keys = [.. from a in "abc" from b in "xyz" select $"/m/{a}/{b}"];

    public static async Task RunAsync(IRevisionStore store, int seed, int steps, CancellationToken cancellationToken)
    {
        var random = new Random(seed);
        await using var watch = new WatchReader(store, "/m/", await store.CurrentRevisionAsync(cancellationToken), cancellationToken);
        // The watch must stand before history is compacted under it.
        Task<Change> first = watch.NextAsync();
        await store.PutAsync("/m/first", default, Expectation.Absent, null, cancellationToken);
        WriteResult deleted = await store.DeleteAsync("/m/first", Expectation.Any, cancellationToken);
        await first;
        await watch.NextAsync();
        var model = new SequentialModel(deleted.Revision.Value);
        try
        {
            for (int i = 0; i < steps; i++)
            {
                await StepAsync(store, model, random, i, cancellationToken);
            }

            foreach (Change expected in model.Changes)
            {
                Assert.Equal(expected, await watch.NextAsync());
            }
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            throw new InvalidOperationException($"seed {seed}: {e.Message}", e);
        }
    }

    private static async Task StepAsync(IRevisionStore store, SequentialModel model, Random random, int step, CancellationToken cancellationToken)
    {
        string key = Keys[random.Next(Keys.Length)];
        Expectation expectation = RandomExpectation(model, key, random);
        switch (random.Next(10))
        {
            case < 4:
                string value = $"{step}";
                Check(model.Put(key, value, expectation), await store.PutAsync(key, Encoding.UTF8.GetBytes(value), expectation, null, cancellationToken), model);
                break;
            case < 6:
                Check(model.Delete(key, expectation), await store.DeleteAsync(key, expectation, cancellationToken), model);
                break;
            case 6:
                Assert.Equal(model.Get(key), Text(await store.GetAsync(key, cancellationToken)));
                break;
            case 7:
                long floor = model.RandomRevision(random);
                await store.CompactAsync(new Revision(floor), cancellationToken);
                model.Compact(floor);
                break;
            default:
                await RangeAsync(store, model, random, cancellationToken);
                break;
        }
    }

    private static async Task RangeAsync(IRevisionStore store, SequentialModel model, Random random, CancellationToken cancellationToken)
    {
        string prefix = random.Next(3) == 0 ? "/m/" : $"/m/{"abc"[random.Next(3)]}/";
        int limit = random.Next(5);
        string? after = random.Next(2) == 0 ? Keys[random.Next(Keys.Length)] : null;
        long? at = random.Next(2) == 0 ? model.RandomRevision(random) : null;
        var query = new RangeQuery(prefix) { Limit = limit, AfterKey = after, AtRevision = at is { } r ? new Revision(r) : null };
        if (at < model.Floor)
        {
            var fault = await Assert.ThrowsAsync<StoreException>(async () => await store.RangeAsync(query, cancellationToken));
            Assert.Equal(StoreFault.Compacted, fault.Fault);
            return;
        }

        RangePage page = await store.RangeAsync(query, cancellationToken);
        List<string> all = [.. model.Range(prefix, after, at)];
        int count = limit == 0 ? all.Count : Math.Min(limit, all.Count);
        Assert.Equal(all.Take(count), page.Items.Select(i => Text(i)!));
        Assert.Equal(all.Count - count, page.Remaining);
    }

    private static Expectation RandomExpectation(SequentialModel model, string key, Random random) => random.Next(4) switch
    {
        0 => Expectation.Absent,
        1 => Expectation.At(new Revision(model.RevisionOf(key) ?? 1)),
        2 => Expectation.At(new Revision(Math.Max(1, model.RandomRevision(random)))),
        _ => Expectation.Any,
    };

    private static void Check(SequentialModel.Outcome expected, WriteResult actual, SequentialModel model)
    {
        Assert.Equal(expected.Committed, actual.Committed);
        Assert.Equal(expected.Current, Text(actual.Current));
        if (actual.Committed)
        {
            model.Commit(actual.Revision.Value);
        }
    }

    private static string? Text(StoredValue? value) =>
        value is null ? null : $"{value.Key}={Encoding.UTF8.GetString(value.Value.Span)}@{value.Revision}";
}
