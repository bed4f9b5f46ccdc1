using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest.Subresources;

/// <summary>Takes what keeps a terminating namespace: the garbage collector says with this that it is empty.</summary>
internal sealed class FinalizeHandler(ObjectUpdater updater, TimeProvider time) : ISubresourceHandler
{
    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var options = WriteOptions.Parse(call.Http.Request, "UpdateOptions");
        var wanted = await ObjectDecoder.ReadAsync(call, options.FieldValidation);
        ServerFields.CheckIdentity(call, wanted);
        var updated = await updater.UpdateAsync(call, options, live => Finalized(live, wanted), new UpdateOwnership(call, options))
            ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await ObjectResponses.WriteAsync(call, 200, writer, updated);
    }

    private static JsonObject Finalized(JsonObject live, JsonObject wanted)
    {
        var proposed = (JsonObject)live.DeepClone();
        proposed.GetObject("metadata")!["resourceVersion"] = wanted.GetObject("metadata")?["resourceVersion"]?.DeepClone();
        FieldAt.Set(proposed, "spec.finalizers", wanted.GetObject("spec")?["finalizers"]?.DeepClone() ?? new JsonArray());
        return proposed;
    }
}
