using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Changes one object by a JSON, merge or strategic merge patch, or applies a configuration to it.</summary>
internal sealed class PatchHandler(ObjectUpdater updater, ApplyHandler apply, TimeProvider time) : IVerbHandler
{
    public const string ApplyType = "application/apply-patch+yaml";

    public async Task HandleAsync(RestCall call)
    {
        if (BodyReader.MediaType(call.Http.Request) == ApplyType)
        {
            await apply.HandleAsync(call);
            return;
        }
        var writer = ObjectResponses.Negotiate(call, time);
        var options = WriteOptions.Parse(call.Http.Request, "PatchOptions", isApply: false);
        var patch = await PatchReader.ReadAsync(call, AcceptedBy(call.Definition), call.Definition.Schema);
        var updated = await updater.UpdateAsync(call, options, live => Patched(call, options, patch(live)), new UpdateOwnership(call, options))
            ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await ObjectResponses.WriteAsync(call, 200, writer, updated);
    }

    /// <summary>What the kind's objects can be patched with; a strategic merge needs a schema written for it.</summary>
    public static IReadOnlyList<string> AcceptedBy(ResourceDefinition definition) => definition.Strategy.AcceptsStrategicPatch
        ? [PatchReader.Json, PatchReader.Merge, PatchReader.Strategic, ApplyType]
        : [PatchReader.Json, PatchReader.Merge, ApplyType];

    private static JsonObject Patched(RestCall call, WriteOptions options, JsonNode? patched)
    {
        if (patched is not JsonObject proposed)
            throw ApiErrors.Unprocessable("the patch leaves no object");
        if (proposed.GetString("kind") != call.Definition.Kind || proposed.GetString("apiVersion") != call.Definition.ApiVersion)
            throw ApiErrors.BadRequest("a patch cannot change apiVersion or kind");
        ServerFields.CheckIdentity(call, proposed);
        CheckFields(call, options, proposed);
        return proposed;
    }

    private static void CheckFields(RestCall call, WriteOptions options, JsonObject proposed)
    {
        var unknown = options.FieldValidation == FieldValidation.Ignore ? null : new List<string>();
        UnknownFields.Prune(proposed, call.Definition.Schema, unknown);
        if (unknown is not { Count: > 0 })
            return;
        var findings = ObjectDecoder.Findings([], unknown);
        if (options.FieldValidation == FieldValidation.Strict)
        {
            // Upstream quotes the whole object here, which hides the finding.
            throw ApiErrors.Invalid(call.Definition, call.Name,
                [FieldError.Invalid(FieldPath.Of("patch"), "{…}", "strict decoding error: " + string.Join(", ", findings))]);
        }
        foreach (var finding in findings)
            call.Request.Warn(finding);
    }
}
