using System.Text.Json.Nodes;
using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers;
using ControlPlane.Controllers.GarbageCollection;
using ControlPlane.Testing;

namespace ControlPlane.Functional.Controllers;

public sealed class GarbageCollectionTests : ControllerFixture
{
    [Fact]
    public async Task DeleteOwner_InTheBackground_CollectsTheWholeTree()
    {
        Start(static builder => builder.AddGarbageCollectionController());
        var root = await CreateMapAsync("root");
        var child = await CreateMapAsync("child", root.AsController());
        await CreateMapAsync("grandchild", child.AsController());
        await CreateMapAsync("stranger");

        await Client.DeleteAsync<ConfigMap>(ObjectKey.Of(root), Soon);

        await GoneAsync("child");
        await GoneAsync("grandchild");
        Assert.NotNull(await FindMapAsync("stranger"));
    }

    [Fact]
    public async Task DeleteOwner_WhileNobodyCollects_IsMadeUpFor()
    {
        var root = await CreateMapAsync("root");
        await CreateMapAsync("child", root.AsController());
        await Client.DeleteAsync<ConfigMap>(ObjectKey.Of(root), Soon);

        Start(static builder => builder.AddGarbageCollectionController());

        await GoneAsync("child");
    }

    [Fact]
    public async Task DeleteOneOfTwoOwners_KeepsTheDependent()
    {
        Start(static builder => builder.AddGarbageCollectionController());
        var first = await CreateMapAsync("first");
        var second = await CreateMapAsync("second");
        await CreateMapAsync("child", first.AsController(), second.AsController() with { Controller = null });

        await Client.DeleteAsync<ConfigMap>(ObjectKey.Of(first), Soon);

        var child = await Eventually.BeAsync(() => FindMapAsync("child"), static c => c is null or { Metadata.OwnerReferences.Count: 1 }, "the gone owner is taken off", WorldAsync);
        Assert.Equal(second.Metadata.Uid, Assert.Single(child!.Metadata.OwnerReferences).Uid);
    }

    [Fact]
    public async Task DeleteOwner_InTheForeground_GoesLast()
    {
        Start(static builder => builder.AddGarbageCollectionController());
        var root = await CreateMapAsync("root");
        var child = await CreateMapAsync("child", root.AsController());
        await HoldAsync(child, "test.example/hold");

        await Client.DeleteAsync<ConfigMap>(ObjectKey.Of(root), Soon, new DeleteOptions { PropagationPolicy = "Foreground" });

        await Eventually.BeAsync(() => FindMapAsync("child"), static c => c?.Metadata.DeletionTimestamp is not null, "the child is being deleted", WorldAsync);
        Assert.Equal(["foregroundDeletion"], (await FindMapAsync("root"))!.Metadata.Finalizers);
        await HoldAsync(child);
        await GoneAsync("child");
        await GoneAsync("root");
    }

    [Fact]
    public async Task DeleteOwner_Orphaning_KeepsTheDependents()
    {
        Start(static builder => builder.AddGarbageCollectionController());
        var root = await CreateMapAsync("root");
        await CreateMapAsync("child", root.AsController());

        await Client.DeleteAsync<ConfigMap>(ObjectKey.Of(root), Soon, new DeleteOptions { PropagationPolicy = "Orphan" });

        await GoneAsync("root");
        Assert.Empty((await FindMapAsync("child"))!.Metadata.OwnerReferences);
    }

    [Fact]
    public async Task CreateDependent_OfAnotherNamespacesOwner_IsCollected()
    {
        Start(static builder => builder.AddGarbageCollectionController());
        var root = await CreateMapAsync("root");
        await Client.CreateAsync(
            new ConfigMap { Metadata = new ObjectMeta { Name = "child", Namespace = "kube-public", OwnerReferences = [root.AsController()] } }, Soon);

        await Eventually.BeAsync(async () => await Client.TryGetAsync<ConfigMap>(new ObjectKey("kube-public", "child"), Soon) is null, "the child is gone", WorldAsync);
        Assert.NotNull(await FindMapAsync("root"));
    }

    [Fact]
    public async Task CreateDependent_OfAKindThatIsNotServed_IsKept()
    {
        Start(static builder => builder.AddGarbageCollectionController());
        await CreateMapAsync("child", new OwnerReference { ApiVersion = "example.dev/v1", Kind = "Nothing", Name = "x", Uid = "u" });
        // Something created later is collected: then the child has been looked at too.
        await CreateMapAsync("later", new OwnerReference { ApiVersion = "v1", Kind = "ConfigMap", Name = "x", Uid = "u" });
        await GoneAsync("later");

        Assert.NotNull(await FindMapAsync("child"));
    }

    private Task HoldAsync(ConfigMap map, params string[] finalizers)
    {
        var list = new JsonArray([.. finalizers.Select(static f => JsonValue.Create(f))]);
        return Client.PatchAsync<ConfigMap>(ObjectKey.Of(map), PatchBody.Merge(new JsonObject { ["metadata"] = new JsonObject { ["finalizers"] = list } }), Soon);
    }
}
