using System.Diagnostics;
using System.Globalization;
using System.Text;
using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;

namespace ControlPlane.Storage.Conformance.Embedded;

/// <summary>A real process, a real directory, a real SIGKILL.</summary>
public sealed class KillTests
{
    private const int Rounds = 5;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Kill_OfAWritingProcess_LosesNothingAcknowledged()
    {
        using var deadline = new CancellationTokenSource(Deadline);
        using var directory = new TemporaryDirectory();
        var acknowledged = new Dictionary<string, (long Revision, string Value)>();
        long before = 0;
        for (int round = 0; round < Rounds; round++)
        {
            await WriteUntilKilledAsync(directory.Path, lines: 200 + (round * 300), acknowledged, deadline.Token);
            await using EmbeddedRevisionStore store = await EmbeddedRevisionStore.OpenAsync(new EmbeddedStoreOptions(directory.Path));
            foreach ((string key, (long revision, string value)) in acknowledged)
            {
                StoredValue? stored = await store.GetAsync(key, deadline.Token);
                Assert.NotNull(stored);
                Assert.True(stored.Revision.Value >= revision, $"{key} is at {stored.Revision}, {revision} was acknowledged");
                Assert.True(stored.Revision.Value > revision || Text(stored).StartsWith(value, StringComparison.Ordinal), $"{key} is {Text(stored)}");
            }

            long current = (await store.CurrentRevisionAsync(deadline.Token)).Value;
            Assert.True(current >= acknowledged.Values.Max(a => a.Revision));
            await using var watch = new WatchReader(store, "", new Revision(before), deadline.Token);
            for (long revision = before + 1; revision <= current; revision++)
            {
                Assert.Equal(revision, (await watch.NextAsync()).Revision);
            }

            before = current;
        }
    }

    private static async Task WriteUntilKilledAsync(string directory, int lines, Dictionary<string, (long Revision, string Value)> acknowledged, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path.Combine(AppContext.BaseDirectory, "ControlPlane.Storage.Conformance"), [directory, "8"]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        try
        {
            for (int i = 0; i < lines; i++)
            {
                Note(await process.StandardOutput.ReadLineAsync(cancellationToken) ?? throw new InvalidOperationException("the writer ended by itself"), acknowledged);
            }
        }
        finally
        {
            process.Kill();
        }

        while (await process.StandardOutput.ReadLineAsync(cancellationToken) is { } line)
        {
            Note(line, acknowledged);
        }

        await process.WaitForExitAsync(cancellationToken);
        Assert.Equal(137, process.ExitCode);
    }

    private static void Note(string line, Dictionary<string, (long Revision, string Value)> acknowledged)
    {
        // The last line may be cut short by the kill; what was not told was not acknowledged.
        if (line.Split(' ') is [var key, var revision, var value] && value.EndsWith('-'))
        {
            long at = long.Parse(revision, CultureInfo.InvariantCulture);
            if (!acknowledged.TryGetValue(key, out (long Revision, string Value) last) || last.Revision < at)
            {
                acknowledged[key] = (at, value);
            }
        }
    }

    private static string Text(StoredValue value) => Encoding.UTF8.GetString(value.Value.Span);
}
