using System.Collections.Concurrent;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;
using ControlPlane.Controllers.Queueing;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class ReflectorTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(20);
    private static readonly ReflectorOptions Options = new() { PageSize = 1, Reconnect = new Backoff(TimeSpan.FromMilliseconds(5), TimeSpan.FromMilliseconds(5)) };

    private readonly ObjectCache<ConfigMap> _cache = new();
    private readonly ConcurrentQueue<string> _deleted = new();

    [Fact]
    public async Task RunAsync_Pages_ReplacesOnceComplete()
    {
        var held = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync(async (asked, answer) =>
        {
            if (IsWatch(asked))
                await answer.LineAsync(Bookmark(5));
            else if (!asked.Target.Contains("continue", StringComparison.Ordinal))
                await answer.JsonAsync(List(5, "next", Item("a", 1)));
            else
            {
                await held.Task;
                await answer.JsonAsync(List(5, null, Item("b", 2)));
            }
        });
        await using var run = Run(server);
        await EventuallyAsync(() => server.Asked.Count == 2);
        Assert.False(_cache.Synced.IsCompleted);
        Assert.Equal(0, _cache.Count);

        held.SetResult();

        await _cache.Synced.WaitAsync(Deadline);
        Assert.Equal(2, _cache.Count);
        Assert.All(server.Asked.Take(2), static a => Assert.Contains("limit=1", a.Target, StringComparison.Ordinal));
    }

    [Fact]
    public async Task RunAsync_CleanEnd_WatchesOnFromTheLastBookmark()
    {
        await using var server = await ScriptedServer.StartAsync((asked, answer) =>
        {
            if (!IsWatch(asked))
                return answer.JsonAsync(List(5, null));
            if (asked.Target.Contains("resourceVersion=5", StringComparison.Ordinal))
                return answer.LineAsync(Bookmark(9));
            return asked.Target.Contains("resourceVersion=9", StringComparison.Ordinal) ? answer.LineAsync(Event("ADDED", "a", 12)) : ForeverAsync(answer);
        });
        await using var run = Run(server);

        await EventuallyAsync(() => _cache.Version == "12");

        Assert.Equal(1, server.Asked.Count(static a => !IsWatch(a)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task RunAsync_Expired_ListsAgainAndFindsDeletions(bool isInBand)
    {
        var lists = 0;
        await using var server = await ScriptedServer.StartAsync((asked, answer) =>
        {
            if (!IsWatch(asked))
                return answer.JsonAsync(Interlocked.Increment(ref lists) == 1 ? List(5, null, Item("a", 1), Item("b", 2)) : List(50, null, Item("b", 2)));
            if (asked.Target.Contains("resourceVersion=50", StringComparison.Ordinal))
                return ForeverAsync(answer);
            return isInBand
                ? answer.LineAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired"}}""")
                : answer.StatusAsync(410, "Expired");
        });
        await using var run = Run(server);

        await EventuallyAsync(() => _cache.Version == "50");

        Assert.Equal(["a"], _deleted);
        Assert.Equal(1, _cache.Count);
    }

    [Fact]
    public async Task RunAsync_CutAndRefused_LosesNothing()
    {
        var watches = 0;
        await using var server = await ScriptedServer.StartAsync(async (asked, answer) =>
        {
            if (!IsWatch(asked))
            {
                await answer.JsonAsync(List(1, null));
                return;
            }
            switch (Interlocked.Increment(ref watches))
            {
                case 1:
                    await answer.LineAsync(Event("ADDED", "a", 2));
                    // A reset overtakes what was sent before it: wait until that has arrived.
                    await EventuallyAsync(() => _cache.Version == "2");
                    answer.HttpContext.Abort();
                    break;
                case 2:
                    await answer.StatusAsync(503, "ServiceUnavailable");
                    break;
                case 3:
                    await answer.LineAsync(Event("MODIFIED", "a", 3));
                    await answer.WriteAsync("{\"type\":");
                    break;
                default:
                    await answer.LineAsync(Event("DELETED", "a", 4));
                    await ForeverAsync(answer);
                    break;
            }
        });
        await using var run = Run(server);

        await EventuallyAsync(() => _cache.Version == "4");

        Assert.Equal(["a"], _deleted);
        Assert.Equal(["1", "2", "2", "3"], server.Asked.Where(IsWatch).Take(4).Select(static a => a.Target.Split("resourceVersion=")[1].Split('&')[0]));
    }

    [Fact]
    public async Task RunAsync_Silence_StartsAnotherWatch()
    {
        var watches = 0;
        await using var server = await ScriptedServer.StartAsync((asked, answer) =>
        {
            if (!IsWatch(asked))
                return answer.JsonAsync(List(5, null));
            return Interlocked.Increment(ref watches) == 1 ? ForeverAsync(answer) : answer.LineAsync(Event("ADDED", "a", 6));
        });
        await using var run = Run(server, Options with { Silence = TimeSpan.FromMilliseconds(200) });

        await EventuallyAsync(() => _cache.Version == "6");
    }

    [Fact]
    public async Task RunAsync_Undecodable_KeepsTryingAndRecovers()
    {
        var lists = 0;
        await using var server = await ScriptedServer.StartAsync((asked, answer) =>
        {
            if (IsWatch(asked))
                return ForeverAsync(answer);
            return Interlocked.Increment(ref lists) == 1 ? answer.JsonAsync("""{"items":"none"}""") : answer.JsonAsync(List(5, null));
        });
        await using var run = Run(server, Options with { Refused = Options.Reconnect });

        await _cache.Synced.WaitAsync(Deadline);
    }

    private static bool IsWatch(AskedRequest asked) => asked.Target.Contains("watch=true", StringComparison.Ordinal);

    private static string Item(string name, int version) => $$$"""{"metadata":{"name":"{{{name}}}","namespace":"ns","resourceVersion":"{{{version}}}"}}""";

    private static string List(int version, string? next, params string[] items) =>
        $$"""{"metadata":{"resourceVersion":"{{version}}"{{(next is null ? "" : $",\"continue\":\"{next}\"")}}},"items":[{{string.Join(',', items)}}]}""";

    private static string Event(string type, string name, int version) => $$"""{"type":"{{type}}","object":{{Item(name, version)}}}""";

    private static string Bookmark(int version) => $$$$"""{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"{{{{version}}}}"}}}""";

    private static async Task ForeverAsync(HttpResponse answer)
    {
        await answer.Body.FlushAsync();
        await Task.Delay(Timeout.InfiniteTimeSpan, answer.HttpContext.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async Task EventuallyAsync(Func<bool> holds)
    {
        using var limit = new CancellationTokenSource(Deadline);
        while (!holds())
            await Task.Delay(5, limit.Token);
    }

    private Running Run(ScriptedServer server, ReflectorOptions? options = null)
    {
        _cache.Subscribe(change =>
        {
            if (change.New is null)
                _deleted.Enqueue(change.Old!.Metadata.Name!);
        });
        var client = server.Client();
        var reflector = new Reflector<ConfigMap>(client, ResourceInfo.Of<ConfigMap>(), _cache, options ?? Options, TimeProvider.System, NullLogger.Instance);
        return new Running(reflector, client);
    }

    private sealed class Running : IAsyncDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly IDisposable _client;
        private readonly Task _loop;

        public Running(Reflector<ConfigMap> reflector, IDisposable client)
        {
            _client = client;
            _loop = reflector.RunAsync(_stop.Token);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _loop.WaitAsync(Deadline));
            _client.Dispose();
            _stop.Dispose();
        }
    }
}
