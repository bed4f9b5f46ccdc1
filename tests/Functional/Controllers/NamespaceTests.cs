using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.GarbageCollection;
using ControlPlane.Controllers.Reporting;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

public sealed class NamespaceTests : ControllerFixture
{
    private static readonly ObjectKey Shop = new("", "shop");

    [Fact]
    public async Task CreateNamespace_GetsItsAccountAndCertificate_AndGetsThemBack()
    {
        Start(static builder => builder.AddNamespacesController());
        await CreateShopAsync();
        var account = new ObjectKey("shop", "default");
        var certificate = new ObjectKey("shop", "kube-root-ca.crt");

        await Eventually.BeAsync(async () => await Client.TryGetAsync<ServiceAccount>(account, Soon) is not null, "the account is there", WorldAsync);
        var map = await Eventually.BeAsync(() => Client.TryGetAsync<ConfigMap>(certificate, Soon), static m => m is not null, "the certificate is there", WorldAsync);
        Assert.Equal(await File.ReadAllTextAsync(Cluster.Pki.AuthorityFile), map!.Data["ca.crt"]);

        await Client.DeleteAsync<ServiceAccount>(account, Soon);
        await Client.DeleteAsync<ConfigMap>(certificate, Soon);
        await Eventually.BeAsync(async () => await Client.TryGetAsync<ServiceAccount>(account, Soon) is not null, "the account is back", WorldAsync);
        await Eventually.BeAsync(async () => await Client.TryGetAsync<ConfigMap>(certificate, Soon) is not null, "the certificate is back", WorldAsync);
    }

    [Fact]
    public async Task DeleteNamespace_SaysWhatItWaitsFor_AndGoesWhenEmpty()
    {
        Start(static builder => builder.AddNamespacesController());
        await CreateShopAsync();
        var held = new ObjectKey("shop", "held");
        await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "free", Namespace = "shop" } }, Soon);
        await Client.CreateAsync(new ConfigMap { Metadata = new ObjectMeta { Name = "held", Namespace = "shop", Finalizers = ["test.example/hold"] } }, Soon);

        await Client.DeleteAsync<Namespace>(Shop, Soon);

        var item = await Eventually.BeAsync(
            () => Client.TryGetAsync<Namespace>(Shop, Soon), static n => n?.Status?.Conditions.IsTrue("NamespaceFinalizersRemaining") == true, "the namespace says what holds it", WorldAsync);
        Assert.Equal("Terminating", item!.Status!.Phase);
        Assert.Contains("test.example/hold", item.Status.Conditions.Find("NamespaceFinalizersRemaining")!.Message, StringComparison.Ordinal);
        Assert.Contains("configmaps has 1", item.Status.Conditions.Find("NamespaceContentRemaining")!.Message, StringComparison.Ordinal);
        Assert.Null(await Client.TryGetAsync<ConfigMap>(held with { Name = "free" }, Soon));

        await Client.PatchAsync<ConfigMap>(held, PatchBody.Merge(new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = null } }), Soon);
        await Eventually.BeAsync(async () => await Client.TryGetAsync<Namespace>(Shop, Soon) is null, "the namespace is gone", WorldAsync);
        Assert.Empty((await Client.ListAsync<ConfigMap>(new ListOptions { Namespace = "shop" }, Soon)).Items);
    }

    private Task<Namespace> CreateShopAsync() => Client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "shop" } }, Soon);
}
