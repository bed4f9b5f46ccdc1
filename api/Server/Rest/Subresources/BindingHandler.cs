using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest.Subresources;

/// <summary>Puts a pod on a node, once: the only way a pod gets one after it was created.</summary>
internal sealed class BindingHandler(ResourceStore store, TimeProvider time) : ISubresourceHandler
{
    private static readonly GroupVersionKind Kind = new("", "v1", "Binding");
    private static readonly ResourceSchema Schema = SchemaFromType.Build<Binding>();

    public async Task HandleAsync(RestCall call)
    {
        var options = WriteOptions.Parse(call.Http.Request, "CreateOptions");
        var binding = await ObjectDecoder.ReadAsync(call, Kind, Schema, options.FieldValidation);
        ServerFields.CheckIdentity(call, binding);
        var node = binding.GetObject("target")?.GetString("name");
        if (string.IsNullOrEmpty(node))
            throw ApiErrors.Invalid("", Kind.Kind, call.Name, [FieldError.Required(FieldPath.Of("target", "name"))]);
        var uid = binding.GetObject("metadata")?.GetString("uid");
        ValueTask<Change> Bind(StoredObject stored) => ValueTask.FromResult(Bound(call, stored, node, uid));
        var bound = options.DryRun
            ? Bound(call, await store.GetAsync(call.Definition, call.Namespace, call.Name, call.Aborted) ?? throw ApiErrors.NotFound(call.Definition, call.Name), node, uid)
            : await store.UpdateAsync(call.Definition, call.Namespace, call.Name, Bind, call.Aborted) ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        // The version lets a scheduler know when its own cache shows what it did.
        var version = new ListMeta { ResourceVersion = bound.Object.Revision.ToString(CultureInfo.InvariantCulture) };
        await Responses.WriteStatusAsync(call.Http, new Status { Outcome = "Success", Code = 201, Metadata = version });
    }

    private Change Bound(RestCall call, StoredObject stored, string node, string? uid)
    {
        var pod = stored.ToTree();
        var metadata = pod.GetObject("metadata")!;
        if (!string.IsNullOrEmpty(uid) && uid != metadata.GetString("uid"))
            throw ApiErrors.Precondition(call.Definition, call.Name, $"the UID in the precondition ({uid}) does not match the UID in record ({metadata.GetString("uid")})");
        if (metadata.ContainsKey("deletionTimestamp"))
            throw ApiErrors.Conflict(call.Definition, call.Name, $"pod {call.Name} is being deleted, cannot be assigned to a host");
        if (pod.GetObject("spec") is { } spec && spec.GetString("nodeName") is { Length: > 0 } taken)
            throw ApiErrors.Conflict(call.Definition, call.Name, $"pod {call.Name} is already assigned to node \"{taken}\"");
        FieldAt.Set(pod, "spec.nodeName", node);
        SetScheduled(pod);
        return Change.Put(stored, ObjectEncoder.Encode(pod, call.Definition));
    }

    private void SetScheduled(JsonObject pod)
    {
        if (pod.GetObject("status") is not { } status)
            pod["status"] = status = [];
        if (status.GetArray("conditions") is not { } conditions)
            status["conditions"] = conditions = [];
        if (conditions.OfType<JsonObject>().FirstOrDefault(c => c.GetString("type") == "PodScheduled") is { } old)
            conditions.Remove(old);
        conditions.Add(new JsonObject { ["type"] = "PodScheduled", ["status"] = "True", ["lastTransitionTime"] = ServerFields.Format(time.GetUtcNow()) });
    }
}
