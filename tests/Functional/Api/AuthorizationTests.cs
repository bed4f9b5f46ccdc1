namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class AuthorizationTests(ApiFixture fixture)
{
    [Fact]
    public async Task Request_WithoutCredentials_Is401ExceptForHealthAndVersion()
    {
        using var http = fixture.Cluster.CreateHttpClient(identity: null);

        Assert.Equal(200, (await http.ReadAsync("/version")).Code);
        Assert.Equal("ok", (await http.ReadAsync("/readyz")).Text);
        var answer = await http.ReadAsync("/api/v1/pods");
        Assert.Equal(401, answer.Code);
        Assert.Equal("""{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}""", answer.Text.Trim());
        http.DefaultRequestHeaders.Add("Authorization", "Bearer abc.def.ghi");
        Assert.Equal(401, (await http.ReadAsync("/api/v1/pods")).Code);
    }

    [Fact]
    public async Task Request_WithACertificateOfAnotherCa_Is401()
    {
        using var foreign = new Testing.TestPki(Path.Combine(fixture.Cluster.DirectoryPath, "foreign"));
        var identity = foreign.IssueClient("admin", "system:masters");
        using var http = fixture.Cluster.CreateHttpClient(identity);

        Assert.Equal(401, (await http.ReadAsync("/api/v1/pods")).Code);
    }

    [Theory]
    [InlineData("/api/v1/namespaces/default/pods", "pods is forbidden: User \"bob\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData("/api/v1/namespaces/default/pods/p", "pods \"p\" is forbidden: User \"bob\" cannot get resource \"pods\" in API group \"\" in the namespace \"default\"")]
    [InlineData("/api/v1/nodes", "nodes is forbidden: User \"bob\" cannot list resource \"nodes\" in API group \"\" at the cluster scope")]
    [InlineData("/metrics", "forbidden: User \"bob\" cannot get path \"/metrics\"")]
    public async Task Request_WithoutARole_Is403InKnownWords(string path, string message)
    {
        using var http = fixture.Cluster.CreateHttpClient("bob");

        var answer = await http.ReadAsync(path);

        Assert.Equal(403, answer.Code);
        Assert.Equal(message, answer.Message);
    }

    [Fact]
    public async Task Binding_GivesWhatTheRoleSaysWhereItSays()
    {
        var ns = await fixture.NewNamespaceAsync();
        var other = await fixture.NewNamespaceAsync();
        using var admin = fixture.Cluster.CreateHttpClient();
        using var carol = fixture.Cluster.CreateHttpClient("carol");
        Assert.Equal(403, (await carol.ReadAsync($"/api/v1/namespaces/{ns}/pods")).Code);

        var bound = await admin.SendJsonAsync(HttpMethod.Post, $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings", """
            {"metadata":{"name":"carol"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"},
             "subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"carol"}]}
            """);

        Assert.Equal(201, bound.Code);
        await Testing.Eventually.BeAsync(async () => (await carol.ReadAsync($"/api/v1/namespaces/{ns}/pods")).Code == 200, "carol may list pods");
        Assert.Equal(403, (await carol.ReadAsync($"/api/v1/namespaces/{ns}/secrets")).Code);
        Assert.Equal(403, (await carol.ReadAsync($"/api/v1/namespaces/{other}/pods")).Code);
        Assert.Equal(403, (await carol.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""")).Code);
    }

    [Fact]
    public async Task Agent_SeesAndWritesOnlyWhatItsPodsNeed()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var admin = fixture.Cluster.CreateHttpClient();
        using var agent = fixture.Cluster.CreateHttpClient("system:node:n1", "system:nodes");
        foreach (var name in (string[])["used", "unused"])
            await admin.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/secrets", $$$"""{"metadata":{"name":"{{{name}}}"},"stringData":{"k":"v"}}""");
        foreach (var node in (string[])["n1", "n2"])
        {
            await admin.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/pods", $$$"""
                {"metadata":{"name":"on-{{{node}}}"},"spec":{"nodeName":"{{{node}}}","containers":[{"name":"c","image":"x","envFrom":[{"secretRef":{"name":"{{{(node == "n1" ? "used" : "unused")}}}"} }] }] } }
                """);
        }
        await Testing.Eventually.BeAsync(async () => (await agent.ReadAsync($"/api/v1/namespaces/{ns}/secrets/used")).Code == 200, "the agent may read the secret of its pod");

        Assert.Equal(403, (await agent.ReadAsync($"/api/v1/namespaces/{ns}/secrets/unused")).Code);
        Assert.Equal(403, (await agent.ReadAsync($"/api/v1/namespaces/{ns}/secrets")).Code);
        const string Status = """{"status":{"phase":"Running"}}""";
        Assert.Equal(200, (await agent.SendJsonAsync(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/pods/on-n1/status", Status, "application/merge-patch+json")).Code);
        Assert.Equal(403, (await agent.SendJsonAsync(HttpMethod.Patch, $"/api/v1/namespaces/{ns}/pods/on-n2/status", Status, "application/merge-patch+json")).Code);
        Assert.Equal(201, (await agent.SendJsonAsync(HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n1"}}""")).Code);
        Assert.Equal(403, (await agent.SendJsonAsync(HttpMethod.Post, "/api/v1/nodes", """{"metadata":{"name":"n3"}}""")).Code);
        Assert.Equal(403, (await agent.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/configmaps", """{"metadata":{"name":"a"}}""")).Code);
    }

    [Fact]
    public async Task Token_OfAServiceAccount_WorksUntilTheAccountIsGone()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var admin = fixture.Cluster.CreateHttpClient();
        await admin.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts", """{"metadata":{"name":"robot"}}""");
        Assert.Equal(422, (await admin.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/robot/token", """{"spec":{"expirationSeconds":60}}""")).Code);
        var issued = await admin.SendJsonAsync(HttpMethod.Post, $"/api/v1/namespaces/{ns}/serviceaccounts/robot/token", """{"spec":{}}""");
        Assert.Equal(201, issued.Code);
        using var robot = fixture.Cluster.CreateHttpClient(identity: null);
        robot.DefaultRequestHeaders.Add("Authorization", "Bearer " + (string?)issued.Json["status"]!["token"]);
        const string WhoAmI = "/apis/authentication.k8s.io/v1/selfsubjectreviews";

        var me = await Testing.Eventually.BeAsync(() => robot.SendJsonAsync(HttpMethod.Post, WhoAmI, "{}"), a => a.Code == 201, "the token is accepted");

        Assert.Equal($"system:serviceaccount:{ns}:robot", (string?)me.Json["status"]!["userInfo"]!["username"]);
        await admin.SendJsonAsync(HttpMethod.Delete, $"/api/v1/namespaces/{ns}/serviceaccounts/robot", null);
        await Testing.Eventually.BeAsync(async () => (await robot.SendJsonAsync(HttpMethod.Post, WhoAmI, "{}")).Code == 401, "the token is refused");
    }

    [Fact]
    public async Task Impersonation_NeedsARight()
    {
        using var admin = fixture.Cluster.CreateHttpClient();
        admin.DefaultRequestHeaders.Add("Impersonate-User", "dave");
        using var bob = fixture.Cluster.CreateHttpClient("bob");
        bob.DefaultRequestHeaders.Add("Impersonate-User", "admin");

        Assert.Contains("User \"dave\"", (await admin.ReadAsync("/api/v1/pods")).Message);
        Assert.Equal("users \"admin\" is forbidden: User \"bob\" cannot impersonate resource \"users\" in API group \"\" at the cluster scope", (await bob.ReadAsync("/api/v1/pods")).Message);
    }
}
