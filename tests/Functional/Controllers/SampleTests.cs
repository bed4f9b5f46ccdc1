using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Sample;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

public sealed class SampleTests : ControllerFixture
{
    private static readonly ObjectKey Shop = new("", "shop");
    private static readonly ObjectKey Greeting = new("shop", "shop-hello");

    [Fact]
    public async Task LabelANamespace_GreetsIt_AsLongAsItIsLabelled()
    {
        Start(static builder => builder.AddHelloController(), settings: ("greeting", "good day"));
        await Client.CreateAsync(new Namespace { Metadata = new ObjectMeta { Name = "shop" } }, Soon);
        Assert.Null(await Client.TryGetAsync<ConfigMap>(Greeting, Soon));

        await LabelAsync("yes");
        await Eventually.BeAsync(() => Client.TryGetAsync<ConfigMap>(Greeting, Soon), static m => m?.Data["text"] == "good day, shop", "the greeting is there", WorldAsync);

        await Client.PatchAsync<ConfigMap>(Greeting, PatchBody.Merge(new JsonObject { ["data"] = new JsonObject { ["text"] = "nonsense" } }), Soon);
        await Eventually.BeAsync(() => Client.TryGetAsync<ConfigMap>(Greeting, Soon), static m => m?.Data["text"] == "good day, shop", "the greeting is mended", WorldAsync);

        await LabelAsync(null);
        await Eventually.BeAsync(async () => await Client.TryGetAsync<ConfigMap>(Greeting, Soon) is null, "the greeting is gone", WorldAsync);
    }

    private Task LabelAsync(string? value) => Client.PatchAsync<Namespace>(
        Shop, PatchBody.Merge(new JsonObject { ["metadata"] = new JsonObject { ["labels"] = new JsonObject { ["hello"] = value } } }), Soon);
}
