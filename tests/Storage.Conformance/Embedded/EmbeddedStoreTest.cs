using System.Text;
using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;
using ControlPlane.Api.Storage.Embedded.Files;

namespace ControlPlane.Storage.Conformance.Embedded;

/// <summary>What tests of the embedded store share: small segments on a disk in memory, time and housekeeping by hand.</summary>
public abstract class EmbeddedStoreTest : IDisposable
{
    private readonly CancellationTokenSource _deadline = new(TimeSpan.FromSeconds(60));

    protected static EmbeddedStoreOptions SmallOptions { get; } = new("memory")
    {
        MaxValueBytes = 1024,
        MaxKeyLength = 64,
        SegmentBytes = 64 * 1024,
        HousekeepingPeriod = TimeSpan.FromDays(10),
    };

    protected CancellationToken Token => _deadline.Token;

    private protected Recorder Observed { get; } = new();

    private protected ManualTime Time { get; } = new();

    public void Dispose()
    {
        _deadline.Dispose();
        GC.SuppressFinalize(this);
    }

    private protected EmbeddedRevisionStore Open(IStoreFiles files, EmbeddedStoreOptions? options = null) =>
        EmbeddedRevisionStore.Open(options ?? SmallOptions, files, Observed, Time);

    private protected async Task<Revision> PutAsync(EmbeddedRevisionStore store, string key, string value, TimeSpan? timeToLive = null)
    {
        WriteResult result = await store.PutAsync(key, Encoding.UTF8.GetBytes(value), Expectation.Any, timeToLive, Token);
        Assert.True(result.Committed);
        return result.Revision;
    }

    private protected async Task<List<string>> AllAsync(EmbeddedRevisionStore store, Revision? at = null)
    {
        RangePage page = await store.RangeAsync(new RangeQuery("") { AtRevision = at }, Token);
        return [.. page.Items.Select(i => $"{i.Key}={Encoding.UTF8.GetString(i.Value.Span)}@{i.Revision}")];
    }

    private protected async Task<List<Change>> ChangesAsync(EmbeddedRevisionStore store, Revision after)
    {
        Revision last = await store.CurrentRevisionAsync(Token);
        var changes = new List<Change>();
        await using var watch = new WatchReader(store, "", after, Token);
        while (changes.Count == 0 ? last > after : changes[^1].Revision < last.Value)
        {
            changes.Add(await watch.NextAsync());
        }

        return changes;
    }

    internal sealed class Recorder : StoreObserver
    {
        public List<(string File, long Offset, long Bytes)> Cuts { get; } = [];

        public List<(int Changes, int Bytes)> Batches { get; } = [];

        public List<(Revision Revision, int Keys)> Snapshots { get; } = [];

        public List<string> States { get; } = [];

        public override void TailCut(string file, long offset, long bytes) => Cuts.Add((file, offset, bytes));

        public override void BatchCommitted(int changes, int bytes, TimeSpan sync) => Batches.Add((changes, bytes));

        public override void SnapshotWritten(Revision revision, int keys, long bytes, TimeSpan took) => Snapshots.Add((revision, keys));

        public override void SpaceExhausted(StoreException fault) => States.Add("full");

        public override void SpaceReturned() => States.Add("space");

        public override void Failed(Exception fault) => States.Add("failed");

        public override void HousekeepingFailed(Exception fault) => States.Add("housekeeping");
    }
}
