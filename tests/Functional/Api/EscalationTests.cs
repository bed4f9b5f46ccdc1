namespace ControlPlane.Functional.Api;

[Collection(ApiCollection.Name)]
public sealed class EscalationTests(ApiFixture fixture)
{
    [Fact]
    public async Task Admin_OfANamespace_GivesOnlyWhatItHas()
    {
        var ns = await fixture.NewNamespaceAsync();
        using var master = fixture.Cluster.CreateHttpClient();
        using var erin = fixture.Cluster.CreateHttpClient("erin-" + ns);
        var roles = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/roles";
        var bindings = $"/apis/rbac.authorization.k8s.io/v1/namespaces/{ns}/rolebindings";
        await master.SendJsonAsync(HttpMethod.Post, bindings, Binding("erin", "ClusterRole", "admin", "erin-" + ns));
        await Testing.Eventually.BeAsync(async () => (await erin.ReadAsync(roles)).Code == 200, "erin is the namespace's admin");

        var own = await erin.SendJsonAsync(HttpMethod.Post, roles, """{"metadata":{"name":"reader"},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""");
        var wide = await erin.SendJsonAsync(HttpMethod.Post, roles, """{"metadata":{"name":"all"},"rules":[{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}]}""");
        var bound = await erin.SendJsonAsync(HttpMethod.Post, bindings, Binding("up", "ClusterRole", "cluster-admin", "erin-" + ns));

        Assert.Equal(201, own.Code);
        Assert.Equal(403, wide.Code);
        Assert.Contains("is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}", wide.Message);
        Assert.Equal(403, bound.Code);
    }

    private static string Binding(string name, string kind, string role, string user) => $$$"""
        {"metadata":{"name":"{{{name}}}"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"{{{kind}}}","name":"{{{role}}}"},
         "subjects":[{"kind":"User","apiGroup":"rbac.authorization.k8s.io","name":"{{{user}}}"}]}
        """;
}
