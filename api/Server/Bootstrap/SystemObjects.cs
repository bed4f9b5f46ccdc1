using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Bootstrap;

/// <summary>What must exist before the first request: the system's namespaces.</summary>
internal sealed class SystemObjects(ResourceStore store, DefinitionRegistry definitions, TimeProvider time)
{
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        var definition = definitions.Current.Find("", "v1", "namespaces")!;
        foreach (var name in Namespaces)
            await EnsureAsync(definition, "", name, [], cancellationToken);
    }

    /// <summary>Several servers may start at once: an object that is already there is fine.</summary>
    private async Task EnsureAsync(ResourceDefinition definition, string @namespace, string name, JsonObject tree, CancellationToken cancellationToken)
    {
        if (store.CacheOf(definition).Find(@namespace, name) is not null)
            return;
        ServerFields.SetForCreate(tree, @namespace, name, definition.Strategy.HasGeneration, time.GetUtcNow());
        definition.Strategy.Prepare(tree, null);
        await store.CreateAsync(definition, @namespace, name, tree, cancellationToken);
    }
}
