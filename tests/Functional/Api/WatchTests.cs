using System.Text.Json.Nodes;

namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class WatchTests(ApiFixture fixture)
{
    [Fact]
    public async Task Watch_FromAVersion_SeesOnlyWhatCameAfter()
    {
        var (http, path) = await CollectionAsync();
        await CreateAsync(http, path, "before");
        var version = (string)(await http.ReadAsync(path)).Json["metadata"]!["resourceVersion"]!;

        var events = await http.WatchAsync($"{path}?watch=1&resourceVersion={version}", 3, async () =>
        {
            await CreateAsync(http, path, "after");
            await http.SendJsonAsync(HttpMethod.Patch, path + "/after", """{"data":{"k":"v"}}""", "application/merge-patch+json");
            await http.SendJsonAsync(HttpMethod.Delete, path + "/after", null);
        });

        Assert.Equal(["ADDED after", "MODIFIED after", "DELETED after"], events.Select(Describe));
        var versions = events.Select(e => long.Parse((string)e["object"]!["metadata"]!["resourceVersion"]!)).ToArray();
        Assert.Equal(versions.Order(), versions);
        Assert.Equal(3, versions.Distinct().Count());
    }

    [Fact]
    public async Task Watch_WithoutAVersion_BeginsWithTheState()
    {
        var (http, path) = await CollectionAsync();
        await CreateAsync(http, path, "a");
        await CreateAsync(http, path, "b");

        var events = await http.WatchAsync(path + "?watch=1", 3, () => CreateAsync(http, path, "c"));

        Assert.Equal(["ADDED a", "ADDED b", "ADDED c"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_AsList_EndsTheStateWithABookmark()
    {
        var (http, path) = await CollectionAsync();
        await CreateAsync(http, path, "a");

        var events = await http.WatchAsync($"{path}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true", 3, () => CreateAsync(http, path, "b"));

        Assert.Equal("ADDED a", Describe(events[0]));
        Assert.Equal("BOOKMARK", (string?)events[1]["type"]);
        Assert.Equal("true", (string?)events[1]["object"]!["metadata"]!["annotations"]!["k8s.io/initial-events-end"]);
        Assert.Equal("ADDED b", Describe(events[2]));
    }

    [Fact]
    public async Task Watch_WithASelector_TurnsChangesIntoComingAndGoing()
    {
        var (http, path) = await CollectionAsync();
        await CreateAsync(http, path, "a");
        var version = (string)(await http.ReadAsync(path)).Json["metadata"]!["resourceVersion"]!;

        var events = await http.WatchAsync($"{path}?watch=1&labelSelector=on%3Dyes&resourceVersion={version}", 2, async () =>
        {
            await http.SendJsonAsync(HttpMethod.Patch, path + "/a", """{"metadata":{"labels":{"on":"yes"}}}""", "application/merge-patch+json");
            await http.SendJsonAsync(HttpMethod.Patch, path + "/a", """{"metadata":{"labels":{"on":"no"}}}""", "application/merge-patch+json");
        });

        Assert.Equal(["ADDED a", "DELETED a"], events.Select(Describe));
    }

    [Fact]
    public async Task Watch_WithATimeout_EndsCleanly()
    {
        var (http, path) = await CollectionAsync();

        var answer = await http.ReadAsync(path + "?watch=1&resourceVersion=0&timeoutSeconds=1");

        Assert.Equal(200, answer.Code);
        Assert.Equal("application/json", answer.ContentType);
        Assert.Equal("", answer.Text);
    }

    [Fact]
    public async Task Watch_OfATable_DescribesItsColumnsOnce()
    {
        var (http, path) = await CollectionAsync();
        await CreateAsync(http, path, "a");
        await CreateAsync(http, path, "b");
        http.DefaultRequestHeaders.Add("Accept", "application/json;as=Table;v=v1;g=meta.k8s.io");

        var events = await http.WatchAsync(path + "?watch=1&resourceVersion=0", 2);

        Assert.Equal(["Name", "Data", "Age"], events[0]["object"]!["columnDefinitions"]!.AsArray().Select(c => (string?)c!["name"]));
        Assert.Null(events[1]["object"]!["columnDefinitions"]);
        Assert.Equal("b", (string?)events[1]["object"]!["rows"]![0]!["cells"]![0]);
    }

    [Fact]
    public async Task Get_OfAFutureVersion_SaysSo()
    {
        var (http, path) = await CollectionAsync();
        await CreateAsync(http, path, "a");

        var answer = await http.ReadAsync(path + "/a?resourceVersion=99999999");

        Assert.Equal(504, answer.Code);
        Assert.Equal("ResourceVersionTooLarge", (string?)answer.Json["details"]!["causes"]![0]!["reason"]);
    }

    private static string Describe(JsonNode @event) => $"{@event["type"]} {@event["object"]!["metadata"]!["name"]}";

    private static async Task CreateAsync(HttpClient http, string path, string name) =>
        Assert.Equal(201, (await http.SendJsonAsync(HttpMethod.Post, path, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Code);

    private async Task<(HttpClient Http, string Path)> CollectionAsync() =>
        (fixture.Cluster.CreateHttpClient(), $"/api/v1/namespaces/{await fixture.NewNamespaceAsync()}/configmaps");
}
