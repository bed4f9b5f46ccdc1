using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Apply;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Yaml;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Server-side apply: the applied configuration says what its manager wants, and only that.</summary>
internal sealed class ApplyHandler(ObjectUpdater updater, ObjectCreator creator, IAuthorizer authorizer, TimeProvider time)
{
    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var options = WriteOptions.Parse(call.Http.Request, "PatchOptions", isApply: true);
        var applied = Read(call, await BodyReader.ReadAsync(call.Http, call.Aborted));
        while (true)
        {
            if (await updater.UpdateAsync(call, options, live => Merge(call, options, live, applied), AppliedOwnership.Instance) is { } updated)
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

    private JsonObject Merge(RestCall call, WriteOptions options, JsonObject? live, JsonObject applied)
    {
        var outcome = ServerSideApply.Apply(new ApplyRequest
        {
            Live = live,
            Applied = (JsonObject)applied.DeepClone(),
            Manager = new FieldManager(options.FieldManager, call.Definition.ApiVersion, call.Subresource),
            Kind = call.Definition.Kind,
            Schema = call.Definition.Schema,
            Force = options.Force,
            HasStatusSubresource = call.Definition.HasStatus,
            Now = time.GetUtcNow(),
        });
        return outcome switch
        {
            ApplyOutcome.Applied merged => merged.Object,
            ApplyOutcome.Conflicted conflicted => throw ApiErrors.ApplyConflict(conflicted.Message,
                [.. conflicted.Conflicts.Select(c => new StatusCause { Reason = "FieldManagerConflict", Message = c.Message, Field = c.Path.ToString() })]),
            ApplyOutcome.Refused refused => throw ApiErrors.BadRequest(refused.Message),
            _ => throw new InvalidOperationException($"unknown outcome {outcome}"),
        };
    }

    /// <summary>Null when somebody else created the object in the meantime.</summary>
    private async Task<StoredObject?> TryCreateAsync(RestCall call, WriteOptions options, JsonObject applied)
    {
        if (call.Subresource.Length > 0)
            throw ApiErrors.NotFound(call.Definition, call.Name);
        var create = AuthorizationAttributes.Of(call.Info) with { Verb = "create" };
        if (authorizer.Decide(call.Request.User, create) is { Allowed: false, Reason: var reason })
            throw ForbiddenError.For(call.Request.User, create, reason);
        var metadata = applied.GetObject("metadata");
        if (!string.IsNullOrEmpty(metadata?.GetString("uid")))
        {
            throw ApiErrors.Conflict(call.Definition, call.Name,
                $"uid mismatch: the provided object specified uid {metadata.GetString("uid")}, and no existing object was found");
        }
        var proposed = Merge(call, options, null, applied);
        try
        {
            return await creator.CreateAsync(call, options, proposed, AppliedOwnership.Instance);
        }
        catch (ApiException error) when (error.Status.Reason == StatusReason.AlreadyExists)
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
        // What it is comes first: the identity of another kind's object means nothing here.
        var definition = call.Definition;
        if (applied.GetString("apiVersion") == definition.ApiVersion && applied.GetString("kind") == definition.Kind)
            ServerFields.CheckIdentity(call, applied);
        return applied;
    }

    /// <summary>The merge has recorded the owners already.</summary>
    private sealed class AppliedOwnership : IFieldOwnership
    {
        public static AppliedOwnership Instance { get; } = new();

        public void Record(JsonObject proposed, JsonObject? live, DateTimeOffset now)
        {
        }
    }
}
