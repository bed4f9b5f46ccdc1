using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Creates one object.</summary>
internal sealed class CreateHandler(ObjectCreator creator, TimeProvider time) : IVerbHandler
{
    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var options = WriteOptions.Parse(call.Http.Request, "CreateOptions");
        var tree = await ObjectDecoder.ReadAsync(call, options.FieldValidation);
        if (call.Definition.Virtual is { } question)
        {
            // Typed clients send an empty status along; it is the answer's place.
            tree.Remove("status");
            Defaulter.Apply(tree, call.Definition.Schema);
            var errors = new List<FieldError>();
            SchemaValidator.Validate(tree, call.Definition.Schema, FieldPath.Root, errors);
            if (errors.Count > 0)
                throw ApiErrors.Invalid(call.Definition, "", errors);
            var answer = await question.AnswerAsync(call, tree);
            await Responses.WriteJsonAsync(call.Http, 201, ApiJson.Serialize(answer));
            return;
        }
        ServerFields.CheckNamespace(call, tree);
        if (!string.IsNullOrEmpty(ServerFields.MetadataOf(tree).GetString("resourceVersion")))
            throw ApiErrors.BadRequest("resourceVersion should not be set on objects to be created");
        var created = await creator.CreateAsync(call, options, tree, new UpdateOwnership(call, options));
        await ObjectResponses.WriteAsync(call, 201, writer, created);
    }
}

/// <summary>Stores a decoded object under its name or a generated one.</summary>
internal sealed class ObjectCreator(ResourceStore store, ObjectPreparer preparer, TimeProvider time)
{
    private const int NameAttempts = 8;

    public async Task<StoredObject> CreateAsync(RestCall call, WriteOptions options, JsonObject tree, IFieldOwnership owners)
    {
        var definition = call.Definition;
        var metadata = ServerFields.MetadataOf(tree);
        var given = metadata.GetString("name");
        var prefix = metadata.GetString("generateName");
        for (var attempt = 1; ; attempt++)
        {
            var generated = string.IsNullOrEmpty(given) && !string.IsNullOrEmpty(prefix);
            var name = generated ? NameGenerator.Generate(prefix!) : given ?? "";
            var proposed = generated ? (JsonObject)tree.DeepClone() : tree;
            ServerFields.SetForCreate(proposed, call.Namespace, name, definition.Strategy.HasGeneration, time.GetUtcNow());
            definition.Strategy.Prepare(proposed, null);
            await preparer.PrepareAsync(call, options, proposed, null, owners);
            var created = options.DryRun
                ? await TryDryRunAsync(call, name, proposed)
                : await store.CreateAsync(definition, call.Namespace, name, proposed, call.Aborted);
            if (created is not null)
                return created;
            if (!generated)
                throw ApiErrors.AlreadyExists(definition, name);
            if (attempt == NameAttempts)
                throw ApiErrors.NoUniqueName(definition, name);
        }
    }

    private async ValueTask<StoredObject?> TryDryRunAsync(RestCall call, string name, JsonObject proposed)
    {
        if (await store.GetAsync(call.Definition, call.Namespace, name, call.Aborted) is not null)
            return null;
        return new StoredObject(StorageKey.Of(call.Definition.StoragePrefix, call.Namespace, name), ObjectEncoder.Encode(proposed, call.Definition), 0);
    }
}
