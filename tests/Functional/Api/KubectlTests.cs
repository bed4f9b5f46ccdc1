using ControlPlane.Testing;

namespace ControlPlane.Functional.Api;

/// <summary>What people type, with every kubectl on this machine.</summary>
[Collection(ApiCollection.Name)]
public sealed class KubectlTests(ApiFixture fixture)
{
    private const string App = """
        apiVersion: controlplane.dev/v1
        kind: App
        metadata: {name: web}
        spec:
          image: busybox
          cmd: sleep 1000
          ports: [{containerPort: 80, name: http}]
        """;

    public static TheoryData<string> Programs => [.. Kubectl.Programs];

    [Theory, MemberData(nameof(Programs))]
    public async Task Apply_ChangedAndUnchanged_SaysWhatItDid(string program)
    {
        var ns = await fixture.NewNamespaceAsync();
        var kubectl = fixture.Cluster.Kubectl(program);
        const string ConfigMap = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {x: \"1\"}\n";

        Assert.Contains("configmap/a created", await kubectl.MustApplyAsync(ConfigMap, "-n", ns));
        Assert.Contains("configmap/a unchanged", await kubectl.MustApplyAsync(ConfigMap, "-n", ns));
        Assert.Contains("configmap/a configured", await kubectl.MustApplyAsync(ConfigMap.Replace("\"1\"", "\"2\"", StringComparison.Ordinal), "-n", ns));
        Assert.Equal("2", await kubectl.MustAsync("-n", ns, "get", "cm", "a", "-o", "jsonpath={.data.x}"));
    }

    [Theory, MemberData(nameof(Programs))]
    public async Task App_ThroughItsLife_WorksWithEveryVerb(string program)
    {
        var ns = await fixture.NewNamespaceAsync();
        var kubectl = fixture.Cluster.Kubectl(program);
        await kubectl.MustApplyAsync(App, "-n", ns);

        Assert.Contains("READY", await kubectl.MustAsync("-n", ns, "get", "apps.controlplane.dev", "-o", "wide"));
        Assert.Contains("web", await kubectl.MustAsync("-n", ns, "get", "all"));
        await kubectl.MustAsync("-n", ns, "scale", "app.controlplane.dev/web", "--replicas=3");
        Assert.Equal("3", await kubectl.MustAsync("-n", ns, "get", "app.controlplane.dev", "web", "-o", "jsonpath={.spec.instances}"));
        await kubectl.MustAsync("-n", ns, "label", "app.controlplane.dev", "web", "tier=front");
        Assert.Contains("web", await kubectl.MustAsync("-n", ns, "get", "app.controlplane.dev", "-l", "tier in (front,back),!x", "-o", "name"));
        await kubectl.MustAsync("-n", ns, "patch", "app.controlplane.dev", "web", "--type=merge", "-p", """{"spec":{"cpus":0.5}}""");
        await kubectl.MustAsync("-n", ns, "patch", "app.controlplane.dev", "web", "--type=json", "-p", """[{"op":"replace","path":"/spec/mem","value":64}]""");
        Assert.Contains("Cpus", await kubectl.MustAsync("-n", ns, "describe", "app.controlplane.dev", "web"));
        Assert.Contains("deleted", await kubectl.MustAsync("-n", ns, "delete", "app.controlplane.dev", "web"));
        Assert.Equal("", await kubectl.MustAsync("-n", ns, "get", "app.controlplane.dev", "-o", "name"));
    }

    [Theory, MemberData(nameof(Programs))]
    public async Task ServerSideApply_OfWhatAnotherManagerOwns_NeedsForce(string program)
    {
        var ns = await fixture.NewNamespaceAsync();
        var kubectl = fixture.Cluster.Kubectl(program);
        (await kubectl.RunWithInputAsync(App, "-n", ns, "apply", "--server-side", "--field-manager=one", "-f", "-")).MustSucceed();
        var changed = App.Replace("busybox", "nginx", StringComparison.Ordinal);

        var refused = await kubectl.RunWithInputAsync(changed, "-n", ns, "apply", "--server-side", "--field-manager=two", "-f", "-");

        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("conflict with \"one\": .spec.image", refused.Error);
        (await kubectl.RunWithInputAsync(changed, "-n", ns, "apply", "--server-side", "--field-manager=two", "--force-conflicts", "-f", "-")).MustSucceed();
        Assert.Equal("nginx", await kubectl.MustAsync("-n", ns, "get", "app.controlplane.dev", "web", "-o", "jsonpath={.spec.image}"));
    }

    [Theory, MemberData(nameof(Programs))]
    public async Task Create_Imperatively_Works(string program)
    {
        var ns = await fixture.NewNamespaceAsync();
        var kubectl = fixture.Cluster.Kubectl(program);

        Assert.Contains("configmap/c created", await kubectl.MustAsync("-n", ns, "create", "configmap", "c", "--from-literal=a=b"));
        Assert.Contains("secret/s created", await kubectl.MustAsync("-n", ns, "create", "secret", "generic", "s", "--from-literal=a=b"));
        Assert.Contains("serviceaccount/x created", await kubectl.MustAsync("-n", ns, "create", "serviceaccount", "x"));
        Assert.Equal("b", await kubectl.MustAsync("-n", ns, "get", "cm", "c", "-o", "jsonpath={.data.a}"));
        Assert.Equal("Yg==", await kubectl.MustAsync("-n", ns, "get", "secret", "s", "-o", "jsonpath={.data.a}"));
    }

    [Theory, MemberData(nameof(Programs))]
    public async Task Explain_OfAField_ShowsItsDescription(string program)
    {
        var kubectl = fixture.Cluster.Kubectl(program);

        Assert.Contains("stays healthy", await kubectl.MustAsync("explain", "apps.spec.upgradeStrategy", "--api-version=controlplane.dev/v1"));
    }

    [Theory, MemberData(nameof(Programs))]
    public async Task Wait_ForDeletionAndCondition_Returns(string program)
    {
        var ns = await fixture.NewNamespaceAsync();
        var kubectl = fixture.Cluster.Kubectl(program);
        await kubectl.MustApplyAsync(App, "-n", ns);
        using var http = fixture.Cluster.CreateHttpClient();
        var status = """{"status":{"conditions":[{"type":"Available","status":"True"}]}}""";
        var waiting = kubectl.RunAsync("-n", ns, "wait", "app.controlplane.dev/web", "--for=condition=Available", "--timeout=20s");

        var patched = await http.SendJsonAsync(HttpMethod.Patch, $"/apis/controlplane.dev/v1/namespaces/{ns}/apps/web/status", status, "application/merge-patch+json");

        Assert.Equal(200, patched.Code);
        Assert.Contains("condition met", (await waiting).MustSucceed());
    }
}
