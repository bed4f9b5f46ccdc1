using System.Text.Json.Nodes;

namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class DeletionTests(ApiFixture fixture)
{
    [Fact]
    public async Task Delete_OfAPlainObject_AnswersWithItsUid()
    {
        var (http, path) = await CollectionAsync("configmaps");
        var uid = (string?)(await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"}}""")).Json["metadata"]!["uid"];

        var dry = await http.SendJsonAsync(HttpMethod.Delete, path + "/a?dryRun=All", null);
        var answer = await http.SendJsonAsync(HttpMethod.Delete, path + "/a", """{"kind":"DeleteOptions","apiVersion":"v1","propagationPolicy":"Background"}""");

        Assert.Equal(200, dry.Code);
        Assert.Equal("Success", (string?)answer.Json["status"]);
        Assert.Equal(uid, (string?)answer.Json["details"]!["uid"]);
        Assert.Equal(404, (await http.SendJsonAsync(HttpMethod.Delete, path + "/a", null)).Code);
    }

    [Fact]
    public async Task Delete_WithAFinalizer_WaitsForItsRemoval()
    {
        var (http, path) = await CollectionAsync("configmaps");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"a","finalizers":["a.b/c"]}}""");

        var marked = await http.SendJsonAsync(HttpMethod.Delete, path + "/a", null);
        var added = await http.SendJsonAsync(HttpMethod.Patch, path + "/a", """{"metadata":{"finalizers":["a.b/c","d.e/f"]}}""", "application/merge-patch+json");
        var removed = await http.SendJsonAsync(HttpMethod.Patch, path + "/a", """{"metadata":{"finalizers":null}}""", "application/merge-patch+json");

        Assert.NotNull(marked.Json["metadata"]!["deletionTimestamp"]);
        Assert.Equal(422, added.Code);
        Assert.Contains("no new finalizers can be added if the object is being deleted", added.Message);
        Assert.Equal(200, removed.Code);
        Assert.Equal(404, (await http.ReadAsync(path + "/a")).Code);
    }

    [Fact]
    public async Task Delete_WithAnotherUid_IsRefused()
    {
        var (http, path) = await CollectionAsync("configmaps");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");

        var answer = await http.SendJsonAsync(HttpMethod.Delete, path + "/a", """{"preconditions":{"uid":"zzz"}}""");

        Assert.Equal(409, answer.Code);
        Assert.Contains("the UID in the precondition (zzz) does not match the UID in record", answer.Message);
    }

    [Theory]
    [InlineData("Foreground", "foregroundDeletion")]
    [InlineData("Orphan", "orphan")]
    public async Task Delete_WithAPolicy_TellsTheGarbageCollector(string policy, string finalizer)
    {
        var (http, path) = await CollectionAsync("configmaps");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"a"}}""");

        var answer = await http.SendJsonAsync(HttpMethod.Delete, $"{path}/a?propagationPolicy={policy}", null);

        Assert.Equal([finalizer], answer.Json["metadata"]!["finalizers"]!.AsArray().Select(f => (string?)f));
    }

    [Fact]
    public async Task Delete_OfARunningPod_IsGracefulAndCanOnlyGetShorter()
    {
        var (http, path) = await CollectionAsync("pods");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"p"},"spec":{"nodeName":"n","containers":[{"name":"c","image":"x"}]}}""");

        Assert.Equal(30, await GraceAsync(null));
        Assert.Equal(5, await GraceAsync(5));
        Assert.Equal(5, await GraceAsync(60));
        await http.SendJsonAsync(HttpMethod.Delete, path + "/p?gracePeriodSeconds=0", null);
        Assert.Equal(404, (await http.ReadAsync(path + "/p")).Code);

        async Task<int> GraceAsync(int? seconds)
        {
            var answer = await http.SendJsonAsync(HttpMethod.Delete, path + "/p" + (seconds is null ? "" : $"?gracePeriodSeconds={seconds}"), null);
            return (int)answer.Json["metadata"]!["deletionGracePeriodSeconds"]!;
        }
    }

    [Fact]
    public async Task Delete_OfAPodThatNeverRan_IsImmediate()
    {
        var (http, path) = await CollectionAsync("pods");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");

        var answer = await http.SendJsonAsync(HttpMethod.Delete, path + "/p", null);

        Assert.Equal("Pod", (string?)answer.Json["kind"]);
        Assert.Equal(404, (await http.ReadAsync(path + "/p")).Code);
    }

    [Fact]
    public async Task Delete_OfACollection_TakesWhatMatches()
    {
        var (http, path) = await CollectionAsync("configmaps");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"a","labels":{"go":"yes"}}}""");
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"b"}}""");

        var answer = await http.SendJsonAsync(HttpMethod.Delete, path + "?labelSelector=go%3Dyes", null);

        Assert.Equal(["a"], Names(answer.Json));
        Assert.Equal(["b"], Names((await http.ReadAsync(path)).Json));
    }

    [Fact]
    public async Task Namespace_IsKeptUntilItIsFinalizedAndTakesNothingNew()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var marked = await http.SendJsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}", null);
        var refused = await Testing.Eventually.BeAsync(
            () => http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"generateName":"a-"}}"""), a => a.Code == 403, "a terminating namespace takes nothing");
        var finalized = await http.SendJsonAsync(HttpMethod.Put, $"/api/v1/namespaces/{ns}/finalize", $$$"""{"metadata":{"name":"{{{ns}}}"},"spec":{"finalizers":[]} }""");

        Assert.Equal("Terminating", (string?)marked.Json["status"]!["phase"]);
        Assert.Contains($"unable to create new content in namespace {ns} because it is being terminated", refused.Message);
        Assert.Equal(200, finalized.Code);
        Assert.Equal(404, (await http.ReadAsync($"/api/v1/namespaces/{ns}")).Code);
        Assert.Equal("namespaces \"default\" is forbidden: this namespace may not be deleted", (await http.SendJsonAsync(HttpMethod.Delete, "/api/v1/namespaces/default", null)).Message);
    }

    private static IEnumerable<string?> Names(JsonNode list) => list["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]);

    private async Task<(HttpClient Http, string Path)> CollectionAsync(string plural) =>
        (fixture.Cluster.CreateHttpClient(), $"/api/v1/namespaces/{await fixture.NewNamespaceAsync()}/{plural}");
}
