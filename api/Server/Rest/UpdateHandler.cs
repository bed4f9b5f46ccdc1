using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Replaces one object, or its status.</summary>
internal sealed class UpdateHandler(ObjectUpdater updater, TimeProvider time) : IVerbHandler
{
    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var options = WriteOptions.Parse(call.Http.Request, "UpdateOptions");
        var tree = await ObjectDecoder.ReadAsync(call, options.FieldValidation);
        ServerFields.CheckIdentity(call, tree);
        var hasVersion = !string.IsNullOrEmpty(tree.GetObject("metadata")!.GetString("resourceVersion"));
        if (!hasVersion && !call.Definition.Strategy.AllowsUnconditionalUpdate)
        {
            throw ApiErrors.Invalid(call.Definition.Group, call.Definition.Plural, call.Name,
                [FieldError.Invalid(FieldPath.Of("metadata", "resourceVersion"), 0, "must be specified for an update")]);
        }
        var updated = await updater.UpdateAsync(call, options, _ => (JsonObject)tree.DeepClone(), new UpdateOwnership(call, options))
            ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await ObjectResponses.WriteAsync(call, 200, writer, updated);
    }
}
