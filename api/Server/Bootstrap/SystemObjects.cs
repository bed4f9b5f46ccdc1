using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Bootstrap;

/// <summary>What must exist before the first request: the system's namespaces, roles and bindings. Runs at every start and changes only what differs.</summary>
internal sealed class SystemObjects(ResourceStore store, DefinitionRegistry definitions, TimeProvider time)
{
    private const string AutoUpdate = "rbac.authorization.kubernetes.io/autoupdate";
    private static readonly string[] Namespaces = ["default", "kube-system", "kube-public", "kube-node-lease"];

    public async Task EnsureAsync(CancellationToken cancellationToken)
    {
        foreach (var name in Namespaces)
            await EnsureAsync(new Core.V1.Namespace { Metadata = new ObjectMeta { Name = name } }, null, cancellationToken);
        foreach (var role in BootstrapRoles.Roles())
            await EnsureAsync(role, "rules", cancellationToken);
        foreach (var binding in BootstrapRoles.Bindings())
            await EnsureAsync(binding, "subjects", cancellationToken);
    }

    /// <param name="wanted">The object.</param>
    /// <param name="field">Brought up to date when the object exists, unless it says otherwise; null = nothing is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    private async Task EnsureAsync(Resource wanted, string? field, CancellationToken cancellationToken)
    {
        var info = ResourceInfo.Of(wanted.GetType());
        var definition = definitions.Current.Find(info.Group, info.Version, info.Plural)!;
        var name = wanted.Metadata.Name!;
        var tree = (JsonObject)System.Text.Json.JsonSerializer.SerializeToNode(wanted, wanted.GetType(), ApiJson.Options)!;
        if (store.CacheOf(definition).Find("", name) is { } found)
        {
            if (field is not null && !JsonTree.DeepEquals(found.ToTree()[field], tree[field]))
                await store.UpdateAsync(definition, "", name, live => ValueTask.FromResult(Updated(definition, live, tree, field)), cancellationToken);
            return;
        }
        ServerFields.SetForCreate(tree, "", name, definition.Strategy.HasGeneration, time.GetUtcNow());
        definition.Strategy.Prepare(tree, null);
        // Several servers may start at once: an object that is there by now is fine.
        await store.CreateAsync(definition, "", name, tree, cancellationToken);
    }

    private static Change Updated(ResourceDefinition definition, StoredObject stored, JsonObject wanted, string field)
    {
        var live = stored.ToTree();
        if (live.GetObject("metadata")?.GetObject("annotations")?.GetString(AutoUpdate) == "false")
            return Change.None(stored);
        live[field] = wanted[field]?.DeepClone();
        return Change.Put(stored, ObjectEncoder.Encode(live, definition));
    }
}
