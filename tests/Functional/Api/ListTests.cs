using System.Text.Json.Nodes;

namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class ListTests(ApiFixture fixture)
{
    [Fact]
    public async Task List_InPages_ShowsOneMoment()
    {
        var (http, path) = await CollectionAsync("a", "b", "c", "d", "e");
        var first = (await http.ReadAsync(path + "?limit=2")).Json;
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"bb"}}""");
        await http.SendJsonAsync(HttpMethod.Delete, path + "/d", null);

        var names = Names(first).ToList();
        var page = first;
        while ((string?)page["metadata"]!["continue"] is { Length: > 0 } token)
        {
            page = (await http.ReadAsync($"{path}?limit=2&continue={Uri.EscapeDataString(token)}")).Json;
            Assert.Equal((string?)first["metadata"]!["resourceVersion"], (string?)page["metadata"]!["resourceVersion"]);
            names.AddRange(Names(page));
        }

        Assert.Equal(["a", "b", "c", "d", "e"], names);
        Assert.Equal(3, (int)first["metadata"]!["remainingItemCount"]!);
    }

    [Fact]
    public async Task List_AtAnExactVersion_ShowsThePast()
    {
        var (http, path) = await CollectionAsync("a");
        var version = (string)(await http.ReadAsync(path)).Json["metadata"]!["resourceVersion"]!;
        await http.SendJsonAsync(HttpMethod.Post, path, """{"metadata":{"name":"later"}}""");

        var then = (await http.ReadAsync($"{path}?resourceVersion={version}&resourceVersionMatch=Exact")).Json;

        Assert.Equal(["a"], Names(then));
    }

    [Theory]
    [InlineData("resourceVersionMatch=Exact", "resourceVersionMatch is forbidden unless resourceVersion is provided")]
    [InlineData("resourceVersion=0&resourceVersionMatch=Exact", "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"")]
    [InlineData("sendInitialEvents=true", "sendInitialEvents is forbidden for list")]
    public async Task List_WithContradictoryOptions_Is422(string query, string words)
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.ReadAsync("/api/v1/pods?" + query);

        Assert.Equal(422, answer.Code);
        Assert.Contains(words, answer.Message);
        Assert.StartsWith("ListOptions.meta.k8s.io \"\" is invalid: ", answer.Message);
    }

    [Theory]
    [InlineData("/api/v1/pods?labelSelector=app+x", "unable to parse requirement")]
    [InlineData("/api/v1/configmaps?fieldSelector=data.a%3D1", "\"data.a\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"")]
    [InlineData("/api/v1/pods?fieldSelector=spec.nope%3D1", "field label not supported: spec.nope")]
    [InlineData("/api/v1/pods?continue=xyz", "continue key is not valid")]
    [InlineData("/api/v1/pods?timeout=bogus", "invalid duration")]
    public async Task List_WithABadParameter_Is400(string path, string words)
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.ReadAsync(path);

        Assert.Equal(400, answer.Code);
        Assert.Contains(words, answer.Message);
    }

    [Fact]
    public async Task List_OfMetadata_HasNothingElse()
    {
        var (http, path) = await CollectionAsync("a");

        var list = (await http.ReadAsync(path, "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1")).Json;

        Assert.Equal("PartialObjectMetadataList", (string?)list["kind"]);
        Assert.Equal(["kind", "apiVersion", "metadata"], list["items"]![0]!.AsObject().Select(p => p.Key));
    }

    [Fact]
    public async Task List_AsYaml_IsYaml()
    {
        var (http, path) = await CollectionAsync("a");

        var answer = await http.ReadAsync(path + "/a", "application/yaml");

        Assert.Equal("application/yaml", answer.ContentType);
        Assert.Contains("kind: ConfigMap\n", answer.Text);
    }

    [Fact]
    public async Task Get_OfAnUnknownPath_Is404AsText()
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.ReadAsync("/apis/nosuch.dev/v1/things");

        Assert.Equal(404, answer.Code);
        Assert.Equal("404 page not found\n", answer.Text);
    }

    [Fact]
    public async Task Get_WithAnEncodedSlash_NeverReachesAnotherObject()
    {
        var (http, path) = await CollectionAsync("a");

        Assert.Equal(400, (await http.ReadAsync(path + "/..%2Fconfigmaps%2Fa")).Code);
    }

    private static IEnumerable<string?> Names(JsonNode list) => list["items"]!.AsArray().Select(i => (string?)i!["metadata"]!["name"]);

    private async Task<(HttpClient Http, string Path)> CollectionAsync(params string[] names)
    {
        var http = fixture.Cluster.CreateHttpClient();
        var path = $"/api/v1/namespaces/{await fixture.NewNamespaceAsync()}/configmaps";
        foreach (var name in names)
            Assert.Equal(201, (await http.SendJsonAsync(HttpMethod.Post, path, $$$"""{"metadata":{"name":"{{{name}}}"}}""")).Code);
        return (http, path);
    }
}
