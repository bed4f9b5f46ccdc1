using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Patching;
using ControlPlane.Api.Machinery.Yaml;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Server-side apply: the applied configuration says what its manager wants, and only that.</summary>
internal sealed class ApplyHandler(ObjectUpdater updater, ObjectCreator creator, TimeProvider time)
{
    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var options = WriteOptions.Parse(call.Http.Request, "PatchOptions", isApply: true);
        var applied = Read(call, await BodyReader.ReadAsync(call.Http, call.Aborted));
        while (true)
        {
            var updated = await updater.UpdateAsync(call, options, live => StrategicMergePatch.Apply(live, applied, call.Definition.Schema), new UpdateOwnership(call, options));
            if (updated is not null)
            {
                await ObjectResponses.WriteAsync(call, 200, writer, updated);
                return;
            }
            if (await TryCreateAsync(call, options, applied) is { } created)
            {
                await ObjectResponses.WriteAsync(call, 201, writer, created);
                return;
            }
        }
    }

    /// <summary>Null when somebody else created the object in the meantime.</summary>
    private async Task<StoredObject?> TryCreateAsync(RestCall call, WriteOptions options, JsonObject applied)
    {
        try
        {
            return await creator.CreateAsync(call, options, (JsonObject)applied.DeepClone(), new UpdateOwnership(call, options));
        }
        catch (ApiException error) when (error.Status.Reason == Meta.StatusReason.AlreadyExists)
        {
            return null;
        }
    }

    private static JsonObject Read(RestCall call, ReadOnlyMemory<byte> body)
    {
        YamlDocument document;
        try
        {
            document = YamlReader.Read(body.Span);
        }
        catch (DecodeException error)
        {
            throw ApiErrors.BadRequest("error decoding YAML: " + error.Message);
        }
        if (document.Root is not JsonObject applied)
            throw ApiErrors.BadRequest("the applied configuration is not an object");
        if (document.Duplicates.Count > 0)
        {
            throw ApiErrors.BadRequest("error strict decoding YAML: error converting YAML to JSON: yaml: unmarshal errors:\n"
                + string.Join('\n', document.Duplicates.Select(d => "  " + d)));
        }
        var definition = call.Definition;
        if (applied.GetString("apiVersion") != definition.ApiVersion || applied.GetString("kind") != definition.Kind)
            throw ApiErrors.BadRequest($"invalid object type: {applied.GetString("apiVersion")}, Kind={applied.GetString("kind")}");
        if (applied.GetObject("metadata")?["managedFields"] is not null)
            throw ApiErrors.BadRequest("metadata.managedFields must be nil");
        ServerFields.CheckIdentity(call, applied);
        return applied;
    }
}
