namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class DiscoveryTests(ApiFixture fixture)
{
    private const string Aggregated = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    [Theory]
    [InlineData("/api")]
    [InlineData("/apis")]
    public async Task Aggregated_HasItsExactTypeAndATag(string path)
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.ReadAsync(path, Aggregated + ",application/json");
        http.DefaultRequestHeaders.TryAddWithoutValidation("If-None-Match", answer.Headers.ETag!.Tag);
        var again = await http.ReadAsync(path, Aggregated);

        Assert.Equal(Aggregated, answer.ContentType?.Replace("; ", ";", StringComparison.Ordinal));
        Assert.Equal("APIGroupDiscoveryList", (string?)answer.Json["kind"]);
        Assert.Equal(304, again.Code);
    }

    [Fact]
    public async Task Legacy_ListsSubresourcesWithTheirKinds()
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var resources = (await http.ReadAsync("/api/v1")).Json["resources"]!.AsArray();

        var eviction = resources.Single(r => (string?)r!["name"] == "pods/eviction")!;
        Assert.Equal("Eviction policy v1", $"{eviction["kind"]} {eviction["group"]} {eviction["version"]}");
        Assert.Equal("APIVersions", (string?)(await http.ReadAsync("/api")).Json["kind"]);
        Assert.Equal("APIGroup", (string?)(await http.ReadAsync("/apis/controlplane.dev")).Json["kind"]);
    }

    [Fact]
    public async Task OpenApi_SaysThatPatchesValidateFields()
    {
        using var http = fixture.Cluster.CreateHttpClient();
        var url = (string)(await http.ReadAsync("/openapi/v3")).Json["paths"]!["api/v1"]!["serverRelativeURL"]!;

        var document = (await http.ReadAsync(url)).Json;

        var patch = document["paths"]!["/api/v1/namespaces/{name}"]!["patch"]!;
        Assert.Equal("Namespace", (string?)patch["x-kubernetes-group-version-kind"]!["kind"]);
        Assert.Contains("fieldValidation", patch["parameters"]!.AsArray().Select(p => (string?)p!["name"]));
        Assert.NotEmpty((string?)document["components"]!["schemas"]!["io.k8s.api.core.v1.Pod"]!["properties"]!["spec"]!["description"] ?? "");
    }

    [Fact]
    public async Task OpenApi2_IsProtobufForThoseWhoAsk()
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.ReadAsync("/openapi/v2", "application/com.github.proto-openapi.spec.v2@v1.0+protobuf");

        Assert.Equal("application/com.github.proto-openapi.spec.v2.v1.0+protobuf", answer.ContentType);
        Assert.Equal("2.0", (string?)(await http.ReadAsync("/openapi/v2")).Json["swagger"]);
    }

    [Fact]
    public async Task Metrics_CountRequests()
    {
        using var http = fixture.Cluster.CreateHttpClient();
        await http.ReadAsync("/api/v1/namespaces");

        var page = (await http.ReadAsync("/metrics")).Text;

        Assert.Matches("""apiserver_request_total\{verb="LIST",group="",version="v1",resource="namespaces",[^}]*code="200"\} [1-9]""", page);
        Assert.Contains("apiserver_request_duration_seconds_bucket{", page);
    }
}
