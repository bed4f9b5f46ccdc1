using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using Microsoft.AspNetCore.Http;

namespace ControlPlane.Controllers.Tests.Client;

public sealed class ApiClientTests
{
    private static readonly ObjectKey Key = new("shop", "a");

    private static CancellationToken Soon => new CancellationTokenSource(TimeSpan.FromSeconds(20)).Token;

    [Fact]
    public async Task GetAsync_Existing_ReadsTheRecord()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) =>
            answer.JsonAsync("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop","resourceVersion":"7"},"data":{"k":"v"}}"""));
        using var client = server.Client();

        var map = await client.GetAsync<ConfigMap>(Key, Soon);

        Assert.Equal("v", map.Data["k"]);
        Assert.Equal("7", map.Metadata.ResourceVersion);
        var asked = Assert.Single(server.Asked);
        Assert.Equal("GET", asked.Method);
        Assert.Equal("/api/v1/namespaces/shop/configmaps/a", asked.Target);
    }

    [Fact]
    public async Task TryGetAsync_Absent_IsNull()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) => answer.StatusAsync(404, "NotFound"));
        using var client = server.Client();

        Assert.Null(await client.TryGetAsync<ConfigMap>(Key, Soon));
    }

    [Theory]
    [InlineData(409, "Conflict", true, false, false)]
    [InlineData(409, "AlreadyExists", false, true, false)]
    [InlineData(410, "Expired", false, false, true)]
    [InlineData(410, "Gone", false, false, true)]
    public async Task SendAsync_Refused_ThrowsWithTheStatus(int code, string reason, bool isConflict, bool exists, bool isExpired)
    {
        await using var server = await ScriptedServer.StartAsync((_, answer) => answer.StatusAsync(code, reason, "because"));
        using var client = server.Client();

        var e = await Assert.ThrowsAsync<ApiException>(() => client.GetAsync<ConfigMap>(Key, Soon));

        Assert.Equal("because", e.Message);
        Assert.Equal(isConflict, e.IsConflict);
        Assert.Equal(exists, e.IsAlreadyExists);
        Assert.Equal(isExpired, e.IsExpired);
    }

    [Fact]
    public async Task SendAsync_PlainTextError_IsStillClassified()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) =>
        {
            answer.StatusCode = 502;
            return answer.WriteAsync("bad gateway");
        });
        using var client = server.Client();

        var e = await Assert.ThrowsAsync<ApiException>(() => client.GetAsync<ConfigMap>(Key, Soon));

        Assert.True(e.IsTransient);
        Assert.Contains("bad gateway", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SendAsync_TooManyRequestsWithRetryAfter_TriesAgainWithTheSameBody()
    {
        var refusals = 3;
        await using var server = await ScriptedServer.StartAsync((_, answer) =>
        {
            if (Interlocked.Decrement(ref refusals) < 0)
                return answer.JsonAsync("""{"metadata":{"name":"a","namespace":"shop"}}""", 201);
            answer.Headers.RetryAfter = "0";
            return answer.StatusAsync(429, "TooManyRequests");
        });
        using var client = server.Client();

        await client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "a", Namespace = "shop" } }, Soon);

        Assert.Equal(4, server.Asked.Count);
        Assert.Single(server.Asked.Select(static a => a.Body).Distinct());
    }

    [Fact]
    public async Task SendAsync_UnavailableWithoutRetryAfter_IsNotRetried()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) => answer.StatusAsync(503, "ServiceUnavailable"));
        using var client = server.Client();

        await Assert.ThrowsAsync<ApiException>(() => client.GetAsync<ConfigMap>(Key, Soon));

        Assert.Single(server.Asked);
    }

    [Fact]
    public async Task SendAsync_NobodyListens_IsUnreachable()
    {
        Uri address;
        await using (var server = await ScriptedServer.StartAsync(static (_, answer) => answer.JsonAsync("{}")))
            address = server.Address;
        using var client = new ApiClient(new ClientConfig { Server = address });

        await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetAsync<ConfigMap>(Key, Soon));
    }

    [Fact]
    public async Task SendAsync_SilentServer_IsUnreachableAfterTheTimeout()
    {
        var never = new TaskCompletionSource();
        await using var server = await ScriptedServer.StartAsync((_, _) => never.Task);
        using var client = new ApiClient(new ClientConfig { Server = server.Address, RequestTimeout = TimeSpan.FromMilliseconds(100) });

        var e = await Assert.ThrowsAsync<ApiUnreachableException>(() => client.GetAsync<ConfigMap>(Key, Soon));

        Assert.IsType<TimeoutException>(e.InnerException);
        never.SetResult();
    }

    [Fact]
    public async Task ApplyAsync_Record_SendsIntentOnly()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) => answer.JsonAsync("""{"metadata":{"name":"a"}}"""));
        using var client = server.Client();
        var map = new ConfigMap
        {
            Metadata = new ObjectMeta { Name = "a", Namespace = "shop", CreationTimestamp = ManualTime.Start, ManagedFields = [new ManagedFieldsEntry { Manager = "x" }] },
            Data = new Dictionary<string, string> { ["k"] = "v" },
        };

        await client.ApplyAsync(map, "apps", Soon);

        var asked = Assert.Single(server.Asked);
        Assert.Equal("PATCH", asked.Method);
        Assert.Equal("/api/v1/namespaces/shop/configmaps/a?fieldManager=apps&fieldValidation=Strict&force=true", asked.Target);
        Assert.Equal("application/apply-patch+yaml", asked.Headers["Content-Type"]);
        Assert.Equal("""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a","namespace":"shop"},"data":{"k":"v"}}""", asked.Body);
    }

    [Theory]
    [InlineData("""{"kind":"Status","status":"Success","details":{"uid":"u1"}}""", true, "u1", null)]
    [InlineData("""{"kind":"Pod","metadata":{"uid":"u2","resourceVersion":"9","deletionTimestamp":"2030-01-01T00:00:00Z","deletionGracePeriodSeconds":30}}""", false, "u2", "9")]
    [InlineData("""{"kind":"Pod","metadata":{"uid":"u3","resourceVersion":"9","deletionTimestamp":"2030-01-01T00:00:00Z","deletionGracePeriodSeconds":0}}""", true, "u3", "9")]
    [InlineData("""{"kind":"App","metadata":{"uid":"u4","resourceVersion":"9","deletionTimestamp":"2030-01-01T00:00:00Z","deletionGracePeriodSeconds":0,"finalizers":["x"]}}""", false, "u4", "9")]
    public async Task DeleteAsync_Answers_TellGoneFromLingering(string body, bool isGone, string uid, string? version)
    {
        await using var server = await ScriptedServer.StartAsync((_, answer) => answer.JsonAsync(body));
        using var client = server.Client();

        var result = await client.DeleteAsync<Pod>(Key, Soon);

        Assert.Equal(new DeleteResult(isGone, uid, version), result);
    }

    [Fact]
    public async Task WatchAsync_AllTypes_ReadsEventsAndBookmarks()
    {
        await using var server = await ScriptedServer.StartAsync(static async (_, answer) =>
        {
            await answer.LineAsync("""{"type":"ADDED","object":{"metadata":{"name":"a","resourceVersion":"1"}}}""");
            // The order of members is not fixed.
            await answer.LineAsync("""{"object":{"metadata":{"name":"a","resourceVersion":"2"}},"type":"MODIFIED"}""");
            await answer.LineAsync("""{"type":"BOOKMARK","object":{"kind":"ConfigMap","apiVersion":"v1","metadata":{"resourceVersion":"5","annotations":{"k8s.io/initial-events-end":"true"}}}}""");
            await answer.LineAsync("""{"type":"DELETED","object":{"metadata":{"name":"a","resourceVersion":"6"}}}""");
        });
        using var client = server.Client();

        var seen = new List<(WatchEventType, string?, string, bool)>();
        await foreach (var change in client.WatchAsync<ConfigMap>(new WatchOptions { Namespace = "shop", ResourceVersion = "0" }, Soon))
            seen.Add((change.Type, change.Object?.Metadata.Name, change.ResourceVersion, change.EndsInitialEvents));

        Assert.Equal(
            [(WatchEventType.Added, "a", "1", false), (WatchEventType.Modified, "a", "2", false), (WatchEventType.Bookmark, null, "5", true), (WatchEventType.Deleted, "a", "6", false)],
            seen);
        Assert.Equal("/api/v1/namespaces/shop/configmaps?watch=true&allowWatchBookmarks=true&resourceVersion=0", Assert.Single(server.Asked).Target);
    }

    [Fact]
    public async Task WatchAsync_ErrorInBand_Throws()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) =>
            answer.LineAsync("""{"type":"ERROR","object":{"kind":"Status","code":410,"reason":"Expired","message":"too old resource version"}}"""));
        using var client = server.Client();

        var e = await Assert.ThrowsAsync<ApiException>(async () =>
        {
            await foreach (var _ in client.WatchAsync<ConfigMap>(new WatchOptions(), Soon))
                Assert.Fail("no event was sent");
        });

        Assert.True(e.IsExpired);
    }

    [Fact]
    public async Task WatchAsync_CutWithinAnEvent_IsUnreachable()
    {
        await using var server = await ScriptedServer.StartAsync(static (_, answer) => answer.WriteAsync("""{"type":"ADDED","obj"""));
        using var client = server.Client();

        await Assert.ThrowsAsync<ApiUnreachableException>(async () =>
        {
            await foreach (var _ in client.WatchAsync<ConfigMap>(new WatchOptions(), Soon))
                Assert.Fail("no whole event was sent");
        });
    }

    [Fact]
    public async Task ListAllAsync_SeveralPages_FollowsTheToken()
    {
        await using var server = await ScriptedServer.StartAsync(static (asked, answer) => answer.JsonAsync(
            asked.Target.Contains("continue=next", StringComparison.Ordinal)
                ? """{"metadata":{"resourceVersion":"9"},"items":[{"metadata":{"name":"b"}}]}"""
                : """{"metadata":{"resourceVersion":"9","continue":"next"},"items":[{"metadata":{"name":"a"}}]}"""));
        using var client = server.Client();

        var names = new List<string?>();
        await foreach (var item in client.ListAllAsync<PartialObjectMetadata>(ResourceInfo.Of<ConfigMap>(), ListOptions.All, Soon))
            names.Add(item.Metadata.Name);

        Assert.Equal(["a", "b"], names);
        Assert.All(server.Asked, static a => Assert.Contains("PartialObjectMetadataList", a.Headers["Accept"], StringComparison.Ordinal));
    }
}
