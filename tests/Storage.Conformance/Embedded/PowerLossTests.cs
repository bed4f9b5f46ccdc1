using System.Text;
using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;

namespace ControlPlane.Storage.Conformance.Embedded;

/// <summary>Writers, a snapshotting housekeeper, and a disk that forgets what was not synced; again and again on what the last round left.</summary>
public sealed class PowerLossTests : EmbeddedStoreTest
{
    private const int Rounds = 150;
    private const int Writers = 4;

    [Fact]
    public async Task PowerLoss_AtAnyMoment_LosesNothingAcknowledged()
    {
        int seed = Random.Shared.Next();
        var random = new Random(seed);
        var files = new MemoryFiles();
        var journal = new Journal();
        // The power goes off at random moments: more rounds until one of them has let a snapshot through.
        for (int round = 0; round < Rounds || (Observed.Snapshots.Count == 0 && round < 20 * Rounds); round++)
        {
            EmbeddedRevisionStore store = Open(files);
            try
            {
                await journal.VerifyAsync(store, Token);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                throw new InvalidOperationException($"seed {seed}, round {round}: {e.Message}", e);
            }

            MemoryFiles disk = files;
            int limit = random.Next(1, 40);
            int lossSeed = random.Next();
            MemoryFiles? next = null;
            int syncs = 0;
            disk.BeforeSync = () =>
            {
                if (Interlocked.Increment(ref syncs) == limit)
                {
                    next = disk.LosePower(new Random(lossSeed));
                }
            };
            Task keeper = KeepUntilBrokenAsync(store);
            Task[] writers = [.. Enumerable.Range(0, Writers).Select(w => Task.Run(() => WriteUntilBrokenAsync(store, journal, w, round)))];
            await Task.WhenAll([keeper, .. writers]).WaitAsync(Token);
            await store.DisposeAsync();
            files = next!;
            Time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.True(Observed.Snapshots.Count > 0, "no snapshot was ever taken");
        Assert.NotEmpty(Observed.Cuts);
    }

    private async Task KeepUntilBrokenAsync(EmbeddedRevisionStore store)
    {
        try
        {
            for (int i = 0; i < 3; i++)
            {
                await Task.Yield();
                await store.Housekeeper.KeepAsync(Token);
            }
        }
        catch (Exception e) when (e is IOException or StoreException)
        {
            // The power went off under it.
        }
    }

    private async Task WriteUntilBrokenAsync(EmbeddedRevisionStore store, Journal journal, int writer, int round)
    {
        var random = new Random((round * 31) + writer);
        try
        {
            for (int i = 0; ; i++)
            {
                string key = $"/{writer}/{random.Next(6)}";
                string? value = random.Next(5) == 0 ? null : $"{round}-{i}-{new string('x', random.Next(900))}";
                journal.Begin(key, value);
                WriteResult result = value is null
                    ? await store.DeleteAsync(key, Expectation.Any, Token)
                    : await store.PutAsync(key, Encoding.UTF8.GetBytes(value), Expectation.Any, null, Token);
                journal.End(key, value, result);
            }
        }
        catch (StoreException e) when (e.Fault == StoreFault.Unavailable)
        {
            // Not acknowledged.
        }
    }

    /// <summary>Per key what was acknowledged last and what is in doubt since.</summary>
    private sealed class Journal
    {
        private readonly Lock _gate = new();
        private readonly Dictionary<string, (string? Value, long Revision)> _acknowledged = [];
        private readonly Dictionary<string, string?> _doubtful = [];
        private long _last;

        public void Begin(string key, string? value)
        {
            lock (_gate)
            {
                _doubtful[key] = value;
            }
        }

        public void End(string key, string? value, WriteResult result)
        {
            lock (_gate)
            {
                _doubtful.Remove(key);
                if (result.Committed)
                {
                    _acknowledged[key] = (value, result.Revision.Value);
                    _last = Math.Max(_last, result.Revision.Value);
                }
            }
        }

        public async Task VerifyAsync(EmbeddedRevisionStore store, CancellationToken cancellationToken)
        {
            Revision current = await store.CurrentRevisionAsync(cancellationToken);
            Assert.True(current.Value >= _last, $"the store is at {current}, revision {_last} was acknowledged");
            RangePage page = await store.RangeAsync(new RangeQuery(""), cancellationToken);
            Dictionary<string, (string? Value, long Revision)> found = page.Items.ToDictionary(
                i => i.Key, i => ((string?)Encoding.UTF8.GetString(i.Value.Span), i.Revision.Value));
            foreach (string key in _acknowledged.Keys.Concat(_doubtful.Keys).Concat(found.Keys).Distinct().ToList())
            {
                (string? value, long revision) = found.GetValueOrDefault(key);
                (string? expected, long at) = _acknowledged.GetValueOrDefault(key);
                bool asAcknowledged = value == expected && (value is null || revision == at);
                bool asDoubtful = _doubtful.TryGetValue(key, out string? doubtful) && value == doubtful && (value is null || revision > at);
                Assert.True(asAcknowledged || asDoubtful, $"{key} is {value?[..Math.Min(9, value.Length)]}@{revision}, acknowledged was {expected?[..Math.Min(9, expected.Length)]}@{at}");
                _acknowledged[key] = (value, revision == 0 ? at : revision);
            }

            _doubtful.Clear();
            _last = current.Value;
            await VerifyHistoryAsync(store, current, cancellationToken);
        }

        private static async Task VerifyHistoryAsync(EmbeddedRevisionStore store, Revision current, CancellationToken cancellationToken)
        {
            long first = Math.Max(0, current.Value - 20);
            try
            {
                await using var watch = new WatchReader(store, "", new Revision(first), cancellationToken);
                for (long expected = first + 1; expected <= current.Value; expected++)
                {
                    Assert.Equal(expected, (await watch.NextAsync()).Revision);
                }
            }
            catch (StoreException e) when (e.Fault == StoreFault.Compacted)
            {
                // Older than what history keeps.
            }
        }
    }
}
