using System.Text.Json.Nodes;

namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class WriteTests(ApiFixture fixture)
{
    private const string Merge = "application/merge-patch+json";

    [Fact]
    public async Task Write_WithoutEffect_ChangesNothing()
    {
        var (http, path) = await AppAsync();
        var before = (await http.ReadAsync(path)).Text;

        var patched = await http.SendJsonAsync(HttpMethod.Patch, path, """{"spec":{"image":"x"}}""", Merge);
        var put = await http.SendJsonAsync(HttpMethod.Put, path, before);

        Assert.Equal(before, patched.Text);
        Assert.Equal(before, put.Text);
    }

    [Fact]
    public async Task Generation_CountsChangesOfTheSpecOnly()
    {
        var (http, path) = await AppAsync();

        Assert.Equal(1, await GenerationAfterAsync(path, """{"metadata":{"labels":{"a":"b"}}}"""));
        Assert.Equal(1, await GenerationAfterAsync(path + "/status", """{"status":{"phase":"Running"}}"""));
        Assert.Equal(2, await GenerationAfterAsync(path, """{"spec":{"instances":2}}"""));
        Assert.Equal(3, await GenerationAfterAsync(path + "/scale", """{"spec":{"replicas":3}}""", fromObject: true));

        async Task<int> GenerationAfterAsync(string target, string patch, bool fromObject = false)
        {
            var answer = await http.SendJsonAsync(HttpMethod.Patch, target, patch, Merge);
            Assert.True(answer.Code == 200, answer.ToString());
            return (int)(fromObject ? await http.ReadAsync(path) : answer).Json["metadata"]!["generation"]!;
        }
    }

    [Fact]
    public async Task Status_AndTheRest_AreWrittenApart()
    {
        var (http, path) = await AppAsync();

        await http.SendJsonAsync(HttpMethod.Patch, path, """{"status":{"phase":"Wrong"}}""", Merge);
        var status = await http.SendJsonAsync(HttpMethod.Patch, path + "/status", """{"spec":{"instances":9},"status":{"phase":"Right"}}""", Merge);

        Assert.Equal("Right", (string?)status.Json["status"]!["phase"]);
        Assert.Equal(1, (int)status.Json["spec"]!["instances"]!);
    }

    [Fact]
    public async Task Update_OfAnOldVersion_IsAConflict()
    {
        var (http, path) = await AppAsync();
        var old = (await http.ReadAsync(path)).Text;
        await http.SendJsonAsync(HttpMethod.Patch, path, """{"spec":{"instances":2}}""", Merge);

        var answer = await http.SendJsonAsync(HttpMethod.Put, path, old);

        Assert.Equal(409, answer.Code);
        Assert.Equal("Operation cannot be fulfilled on apps.controlplane.dev \"a\": the object has been modified; please apply your changes to the latest version and try again", answer.Message);
    }

    [Fact]
    public async Task Patches_OfManyAtOnce_AllHappen()
    {
        var (http, path) = await AppAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 40).Select(i =>
            http.SendJsonAsync(HttpMethod.Patch, path, $$$$"""{"metadata":{"labels":{"l{{{{i}}}}":"x"}}}""", Merge)));

        Assert.All(answers, a => Assert.Equal(200, a.Code));
        Assert.Equal(40, (await http.ReadAsync(path)).Json["metadata"]!["labels"]!.AsObject().Count);
    }

    [Fact]
    public async Task Create_WithAGeneratedName_MakesAnotherEachTime()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var first = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"generateName":"gen-"}}""");
        var second = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"generateName":"gen-"}}""");

        Assert.Matches("^gen-[bcdfghjklmnpqrstvwxz2456789]{5}$", (string?)first.Json["metadata"]!["name"]);
        Assert.NotEqual((string?)first.Json["metadata"]!["name"], (string?)second.Json["metadata"]!["name"]);
    }

    [Fact]
    public async Task DryRun_StoresNothing()
    {
        var (http, path) = await AppAsync();

        var created = await http.SendJsonAsync(HttpMethod.Post, path[..^2] + "?dryRun=All", """{"metadata":{"name":"dry"},"spec":{"image":"x"}}""");
        var patched = await http.SendJsonAsync(HttpMethod.Patch, path + "?dryRun=All", """{"spec":{"instances":7}}""", Merge);

        Assert.Equal(201, created.Code);
        Assert.Equal(7, (int)patched.Json["spec"]!["instances"]!);
        Assert.Equal(404, (await http.ReadAsync(path[..^2] + "/dry")).Code);
        Assert.Equal(1, (int)(await http.ReadAsync(path)).Json["spec"]!["instances"]!);
    }

    [Fact]
    public async Task Apply_TwiceTheSame_ChangesNothing()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();
        var path = $"/apis/controlplane.dev/v1/namespaces/{ns}/apps/a?fieldManager=m";
        const string Config = "apiVersion: controlplane.dev/v1\nkind: App\nmetadata: {name: a}\nspec: {image: x, env: {A: b}}\n";

        var first = await http.SendJsonAsync(HttpMethod.Patch, path, Config, "application/apply-patch+yaml");
        var second = await http.SendJsonAsync(HttpMethod.Patch, path, Config, "application/apply-patch+yaml");
        var third = await http.SendJsonAsync(HttpMethod.Patch, path, Config.Replace(", env: {A: b}", "", StringComparison.Ordinal), "application/apply-patch+yaml");

        Assert.Equal(201, first.Code);
        Assert.Equal(200, second.Code);
        Assert.Equal(first.Text, second.Text);
        Assert.Null(third.Json["spec"]!["env"]);
    }

    [Fact]
    public async Task Secret_TakesPlainTextAndGivesBase64()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets", """{"metadata":{"name":"s"},"stringData":{"a":"b"}}""");

        Assert.Equal("Yg==", (string?)answer.Json["data"]!["a"]);
        Assert.Null(answer.Json["stringData"]);
        Assert.Equal("Opaque", (string?)answer.Json["type"]);
    }

    [Fact]
    public async Task Binding_HappensOnce()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();
        var pods = $"/api/v1/namespaces/{ns}/pods";
        await http.SendJsonAsync(HttpMethod.Post, pods, """{"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"x"}]}}""");

        var bound = await http.SendJsonAsync(HttpMethod.Post, pods + "/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n1"}}""");
        var again = await http.SendJsonAsync(HttpMethod.Post, pods + "/p/binding", """{"metadata":{"name":"p"},"target":{"kind":"Node","name":"n2"}}""");
        var moved = await http.SendJsonAsync(HttpMethod.Patch, pods + "/p", """{"spec":{"nodeName":"n2"}}""", Merge);

        Assert.Equal(201, bound.Code);
        Assert.Equal(409, again.Code);
        Assert.Equal(422, moved.Code);
        Assert.Equal("n1", (string?)(await http.ReadAsync(pods + "/p")).Json["spec"]!["nodeName"]);
    }

    private async Task<(HttpClient Http, string Path)> AppAsync()
    {
        var http = fixture.Cluster.CreateHttpClient();
        var apps = $"/apis/controlplane.dev/v1/namespaces/{await fixture.NewNamespaceAsync()}/apps";
        var answer = await http.SendJsonAsync(HttpMethod.Post, apps, """{"metadata":{"name":"a"},"spec":{"image":"x"}}""");
        Assert.True(answer.Code == 201, answer.ToString());
        return (http, apps + "/a");
    }
}
