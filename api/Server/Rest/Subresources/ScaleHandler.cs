using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest.Subresources;

/// <summary>The number of instances of any kind that has one, as an <c>autoscaling/v1</c> Scale.</summary>
internal sealed class ScaleHandler(ResourceStore store, ObjectUpdater updater) : ISubresourceHandler
{
    private static readonly GroupVersionKind Kind = new("autoscaling", "v1", "Scale");
    private static readonly ResourceSchema AnyObject = new() { Type = SchemaType.Object, PreserveUnknownFields = true };
    private static readonly FieldPath Replicas = FieldPath.Of("spec", "replicas");

    public Task HandleAsync(RestCall call) => call.Info.Verb switch
    {
        "get" => GetAsync(call),
        "update" => UpdateAsync(call),
        _ => PatchAsync(call),
    };

    private async Task GetAsync(RestCall call)
    {
        var stored = await store.GetAsync(call.Definition, call.Namespace, call.Name, call.Aborted) ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await WriteAsync(call, stored);
    }

    private async Task UpdateAsync(RestCall call)
    {
        var options = WriteOptions.Parse(call.Http.Request, "UpdateOptions");
        var wanted = await ObjectDecoder.ReadAsync(call, Kind, AnyObject, options.FieldValidation);
        await ChangeAsync(call, options, _ => wanted);
    }

    private async Task PatchAsync(RestCall call)
    {
        var options = WriteOptions.Parse(call.Http.Request, "PatchOptions", isApply: false);
        var patch = await PatchReader.ReadAsync(call, [PatchReader.Json, PatchReader.Merge, PatchReader.Strategic], AnyObject);
        await ChangeAsync(call, options, live => patch(Of(call.Definition, live)) as JsonObject ?? throw ApiErrors.Unprocessable("the patch leaves no object"));
    }

    private async Task ChangeAsync(RestCall call, WriteOptions options, Func<JsonObject, JsonObject> scaleOf)
    {
        var updated = await updater.UpdateAsync(call, options, live => WithScale(call, live, scaleOf(live)), new UpdateOwnership(call, options))
            ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        await WriteAsync(call, updated);
    }

    private static JsonObject WithScale(RestCall call, JsonObject live, JsonObject scale)
    {
        var replicas = scale.GetObject("spec")?["replicas"];
        if (!JsonNumbers.TryGetInt64(replicas ?? 0, out var count) || count < 0)
            throw ApiErrors.Invalid(Kind.Group, Kind.Kind, call.Name, [FieldError.Invalid(Replicas, replicas?.DeepClone(), "must be greater than or equal to 0")]);
        var proposed = (JsonObject)live.DeepClone();
        var version = scale.GetObject("metadata")?.GetString("resourceVersion");
        if (!string.IsNullOrEmpty(version))
            proposed.GetObject("metadata")!["resourceVersion"] = version;
        FieldAt.Set(proposed, call.Definition.Scale!.Spec, count);
        return proposed;
    }

    private static Task WriteAsync(RestCall call, StoredObject stored) =>
        Responses.WriteJsonAsync(call.Http, 200, ApiJson.Serialize(Of(call.Definition, stored.ToTree())));

    private static JsonObject Of(ResourceDefinition definition, JsonObject tree)
    {
        var paths = definition.Scale!;
        var metadata = new JsonObject();
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "uid", "resourceVersion", "creationTimestamp"])
        {
            if (tree.GetObject("metadata")?[field] is { } value)
                metadata[field] = value.DeepClone();
        }
        var status = new JsonObject { ["replicas"] = FieldAt.Get(tree, paths.Status)?.DeepClone() ?? 0 };
        if (paths.Selector is { } selector && FieldAt.Get(tree, selector) is { } text)
            status["selector"] = text.DeepClone();
        return new JsonObject
        {
            ["kind"] = Kind.Kind,
            ["apiVersion"] = Kind.ApiVersion,
            ["metadata"] = metadata,
            ["spec"] = new JsonObject { ["replicas"] = FieldAt.Get(tree, paths.Spec)?.DeepClone() ?? 0 },
            ["status"] = status,
        };
    }
}
