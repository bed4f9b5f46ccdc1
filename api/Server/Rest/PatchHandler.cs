using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Patching;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Changes one object by a JSON, merge or strategic merge patch, or applies a configuration to it.</summary>
internal sealed class PatchHandler(ObjectUpdater updater, ApplyHandler apply, TimeProvider time) : IVerbHandler
{
    private const string JsonPatchType = "application/json-patch+json";
    private const string MergePatchType = "application/merge-patch+json";
    private const string StrategicPatchType = "application/strategic-merge-patch+json";
    public const string ApplyPatchType = "application/apply-patch+yaml";

    public async Task HandleAsync(RestCall call)
    {
        var type = BodyReader.MediaType(call.Http.Request);
        if (type == ApplyPatchType)
        {
            await apply.HandleAsync(call);
            return;
        }
        var writer = ObjectResponses.Negotiate(call, time);
        if (!AcceptedBy(call.Definition).Contains(type))
            throw ApiErrors.UnsupportedMediaType(AcceptedBy(call.Definition));
        var options = WriteOptions.Parse(call.Http.Request, "PatchOptions", isApply: false);
        var body = await BodyReader.ReadAsync(call.Http, call.Aborted);
        var propose = Translate(() => Parse(call, type, body));
        var updated = await updater.UpdateAsync(call, options, live => Patched(call, options, live, propose), new UpdateOwnership(call, options))
            ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await ObjectResponses.WriteAsync(call, 200, writer, updated);
    }

    /// <summary>What the kind's objects can be patched with; a strategic merge needs a schema written for it.</summary>
    public static IReadOnlyList<string> AcceptedBy(ResourceDefinition definition) => definition.Strategy.AcceptsStrategicPatch
        ? [JsonPatchType, MergePatchType, StrategicPatchType, ApplyPatchType]
        : [JsonPatchType, MergePatchType, ApplyPatchType];

    private static Func<JsonObject, JsonNode?> Parse(RestCall call, string type, ReadOnlyMemory<byte> body)
    {
        JsonNode? document;
        try
        {
            document = StrictJson.Parse(body.Span).Root;
        }
        catch (DecodeException error)
        {
            throw ApiErrors.BadRequest("error decoding patch: " + error.Message);
        }
        if (type == JsonPatchType)
        {
            var patch = JsonPatch.Parse(document);
            return patch.Apply;
        }
        if (document is not JsonObject fields)
            throw ApiErrors.BadRequest("error decoding patch: the patch is not a JSON object");
        return type == MergePatchType
            ? live => JsonMergePatch.Apply(live, fields)
            : live => StrategicMergePatch.Apply(live, fields, call.Definition.Schema);
    }

    private static JsonObject Patched(RestCall call, WriteOptions options, JsonObject live, Func<JsonObject, JsonNode?> patch)
    {
        if (Translate(() => patch(live)) is not JsonObject proposed)
            throw ApiErrors.Unprocessable("the patch leaves no object");
        if (proposed.GetString("kind") != call.Definition.Kind || proposed.GetString("apiVersion") != call.Definition.ApiVersion)
            throw ApiErrors.BadRequest("a patch cannot change apiVersion or kind");
        ServerFields.CheckIdentity(call, proposed);
        CheckFields(call, options, proposed);
        return proposed;
    }

    private static void CheckFields(RestCall call, WriteOptions options, JsonObject proposed)
    {
        if (options.FieldValidation == FieldValidation.Ignore)
        {
            UnknownFields.Prune(proposed, call.Definition.Schema);
            return;
        }
        var unknown = new List<string>();
        UnknownFields.Find(proposed, call.Definition.Schema, unknown);
        if (unknown.Count == 0)
            return;
        var findings = ObjectDecoder.Findings([], unknown);
        if (options.FieldValidation == FieldValidation.Strict)
        {
            throw ApiErrors.Invalid("", "", "", [FieldError.Invalid(FieldPath.Of("patch"), proposed.ToJsonString(Relaxed),
                "strict decoding error: " + string.Join(", ", findings))]);
        }
        UnknownFields.Prune(proposed, call.Definition.Schema);
        foreach (var finding in findings)
            call.Request.Warn(finding);
    }

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static T Translate<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (PatchException error)
        {
            throw error.Fault switch
            {
                PatchFault.Malformed => ApiErrors.BadRequest(error.Message),
                PatchFault.TooLarge => ApiErrors.TooLarge(error.Message),
                _ => ApiErrors.Unprocessable(error.Message),
            };
        }
    }
}
