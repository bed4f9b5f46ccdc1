using System.Text.Json.Nodes;

namespace ControlPlane.Functional.Api;

/// <summary>Whatever is wrong with a request gets one clear Status that names the field, and changes nothing.</summary>
[Collection(ApiCollection.Name)]
public sealed class BadInputTests(ApiFixture fixture)
{
    [Theory]
    [InlineData("\"instances\":-1", 422, "spec.instances", "greater than or equal to 0")]
    [InlineData("\"upgradeStrategy\":{\"minimumHealthCapacity\":1.5}", 422, "spec.upgradeStrategy.minimumHealthCapacity", "less than or equal to 1")]
    [InlineData("\"instances\":\"three\"", 422, "spec.instances", "integer")]
    [InlineData("\"cmd\":\"x\",\"args\":[\"y\"]", 422, "spec.args", "together with cmd")]
    [InlineData("\"dependencies\":[\"bad\"]", 422, "spec.dependencies[0]", "cannot depend on itself")]
    [InlineData("\"healthChecks\":[{\"port\":\"http\"}]", 422, "spec.healthChecks[0].port", "no port of the app has this name")]
    [InlineData("\"ports\":[{\"containerPort\":80},{\"containerPort\":80}]", 422, "spec.ports[1]", "Duplicate value")]
    [InlineData("\"foo\":1", 400, "", "strict decoding error: unknown field \"spec.foo\"")]
    [InlineData("\"image\":\"twice\"", 400, "", "duplicate field \"spec.image\"")]
    public async Task Create_WithAWrongApp_NamesTheField(string spec, int code, string field, string words)
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();
        var apps = $"/apis/controlplane.dev/v1/namespaces/{ns}/apps";

        var answer = await http.SendJsonAsync(HttpMethod.Post, apps + "?fieldValidation=Strict", $$$"""{"metadata":{"name":"bad"},"spec":{"image":"x",{{{spec}}}}}""");

        Assert.Equal(code, answer.Code);
        Assert.Contains(words, answer.Message);
        if (field.Length > 0)
            Assert.Contains(field, answer.Json["details"]!["causes"]!.AsArray().Select(c => (string?)c!["field"]));
        Assert.Equal(404, (await http.ReadAsync(apps + "/bad")).Code);
    }

    [Fact]
    public async Task Create_WithADependencyCycle_NamesTheCycle()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/apis/controlplane.dev/v1/namespaces/{ns}/groups", """
            {"metadata":{"name":"g"},"spec":{"apps":[
              {"name":"a","image":"x","dependencies":["b"]},{"name":"b","image":"x","dependencies":["c"]},{"name":"c","image":"x","dependencies":["a"]}]}}
            """);

        Assert.Equal(422, answer.Code);
        Assert.Contains("a → b → c → a", answer.Message);
    }

    [Fact]
    public async Task Create_WithAPortClash_NamesThePort()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/apis/controlplane.dev/v1/namespaces/{ns}/vips",
            """{"metadata":{"name":"v"},"spec":{"app":"web","ports":[{"port":80},{"port":80}]}}""");

        Assert.Equal(422, answer.Code);
        Assert.Contains("spec.ports[1]: Duplicate value", answer.Message);
    }

    [Fact]
    public async Task Create_WithABadName_SaysWhichNamesAreGood()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"A_b"}}""");

        Assert.Equal(422, answer.Code);
        Assert.StartsWith("ConfigMap \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": a lowercase RFC 1123 subdomain must consist of", answer.Message);
    }

    [Theory]
    [InlineData("{\"metadata\":", "application/json")]
    [InlineData("metadata: [", "application/yaml")]
    [InlineData("[]", "application/json")]
    public async Task Create_WithMalformedBody_Is400(string body, string type)
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", body, type);

        Assert.Equal(400, answer.Code);
        Assert.StartsWith("ConfigMap in version \"v1\" cannot be handled as a ConfigMap: ", answer.Message);
    }

    [Fact]
    public async Task Create_TooLarge_Is413WithTheLimit()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();
        var body = $$$"""{"metadata":{"name":"big"},"data":{"x":"{{{new string('x', 4 << 20)}}}"}}""";

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", body);

        Assert.Equal(413, answer.Code);
        Assert.Equal("Request entity too large: limit is 3145728", answer.Message);
    }

    [Fact]
    public async Task Create_TooDeep_IsRefused()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();
        var body = """{"metadata":{"name":"deep"},"data":""" + new string('[', 100_000) + new string(']', 100_000) + "}";

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", body);

        Assert.Equal(400, answer.Code);
    }

    [Fact]
    public async Task Create_OfAnotherKind_Is400()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets", """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}""");

        Assert.Equal(400, answer.Code);
        Assert.Contains("cannot be handled as a Secret", answer.Message);
    }

    [Fact]
    public async Task Create_InAMissingNamespace_Is404()
    {
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, "/api/v1/namespaces/nowhere/configmaps", """{"metadata":{"name":"a"}}""");

        Assert.Equal(404, answer.Code);
        Assert.Equal("namespaces \"nowhere\" not found", answer.Message);
    }

    [Fact]
    public async Task Create_WithUnknownField_WarnsByDefault()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var http = fixture.Cluster.CreateHttpClient();

        var answer = await http.SendJsonAsync(HttpMethod.Post, $"/apis/controlplane.dev/v1/namespaces/{ns}/apps", """{"metadata":{"name":"a"},"spec":{"image":"x","foo":1}}""");

        Assert.Equal(201, answer.Code);
        Assert.Equal("299 - \"unknown field \\\"spec.foo\\\"\"", answer.Headers.GetValues("Warning").Single());
        Assert.Null(answer.Json["spec"]!["foo"]);
    }
}
