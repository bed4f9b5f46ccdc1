using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Authentication.V1;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest.Subresources;

/// <summary>Issues a token of a service account.</summary>
internal sealed class TokenHandler(ResourceStore store, DefinitionRegistry definitions, ServiceAccountTokens? tokens, TimeProvider time) : ISubresourceHandler
{
    private const long MinSeconds = 600;
    private const long MaxSeconds = 365 * 24 * 3600;
    private static readonly GroupVersionKind Kind = new("authentication.k8s.io", "v1", "TokenRequest");
    private static readonly ResourceSchema Schema = SchemaFromType.Build<TokenRequest>();
    private static readonly FieldPath Spec = FieldPath.Of("spec");

    public async Task HandleAsync(RestCall call)
    {
        var options = WriteOptions.Parse(call.Http.Request, "CreateOptions");
        var tree = await ObjectDecoder.ReadAsync(call, Kind, Schema, options.FieldValidation);
        // Typed clients send an empty status along; it is the answer's place.
        tree.Remove("status");
        Defaulter.Apply(tree, Schema);
        if (tree["spec"] is null)
            tree["spec"] = new JsonObject { ["expirationSeconds"] = 3600 };
        var errors = new List<FieldError>();
        SchemaValidator.Validate(tree, Schema, FieldPath.Root, errors);
        if (errors.Count > 0)
            throw Invalid(call, errors);
        if (tokens is null)
            throw ApiErrors.Unavailable("the server has no key to sign tokens with: start it with --service-account-key");
        var account = await store.GetAsync(call.Definition, call.Namespace, call.Name, call.Aborted) ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        var spec = tree["spec"].Deserialize<TokenRequestSpec>(ApiJson.Options)!;
        await IssueAsync(call, tree, spec, account);
        await Responses.WriteJsonAsync(call.Http, 201, ApiJson.Serialize(tree));
    }

    private async Task IssueAsync(RestCall call, JsonObject tree, TokenRequestSpec spec, StoredObject account)
    {
        var seconds = spec.ExpirationSeconds ?? 3600;
        if (seconds < MinSeconds)
            throw Invalid(call, [FieldError.Invalid(Spec.Child("expirationSeconds"), seconds, "may not specify a duration less than 10 minutes")]);
        seconds = Math.Min(seconds, MaxSeconds);
        var bound = spec.BoundObjectRef is { } reference ? await BindAsync(call, reference) : null;
        if (NodeAuthorizer.NodeOf(call.Request.User) is not null && bound?.Kind != "Pod")
            throw ApiErrors.Forbidden(call.Definition, call.Name, "the token that a node asks for must be bound to a pod");
        var expires = time.GetUtcNow().AddSeconds(seconds);
        var subject = new TokenSubject(call.Namespace, call.Name, UidOf(account), bound);
        var metadata = ServerFields.MetadataOf(tree);
        metadata["name"] = call.Name;
        metadata["namespace"] = call.Namespace;
        metadata["creationTimestamp"] = ServerFields.Format(time.GetUtcNow());
        tree["status"] = new JsonObject { ["token"] = tokens!.Issue(subject, spec.Audiences, expires), ["expirationTimestamp"] = ServerFields.Format(expires) };
    }

    private async ValueTask<BoundObject> BindAsync(RestCall call, BoundObjectReference reference)
    {
        var definition = definitions.Current.FindKind("", "v1", reference.Kind ?? "")
            ?? throw Invalid(call, [FieldError.NotSupported(Spec.Child("boundObjectRef", "kind"), reference.Kind, ["Pod", "Secret", "Node"])]);
        var name = reference.Name ?? "";
        var found = await store.GetAsync(definition, definition.IsNamespaced ? call.Namespace : "", name, call.Aborted) ?? throw ApiErrors.NotFound(definition, name);
        var uid = UidOf(found);
        if (!string.IsNullOrEmpty(reference.Uid) && reference.Uid != uid)
            throw ApiErrors.Conflict(definition, name, $"the UID in the bound object reference ({reference.Uid}) does not match the UID in record. The object might have been deleted and then recreated");
        if (definition.Kind == "Pod" && (found.ToTree().GetObject("spec")?.GetString("serviceAccountName") ?? "default") != call.Name)
            throw ApiErrors.BadRequest($"cannot bind token for serviceaccount \"{call.Name}\" to pod running with different serviceaccount name.");
        return new BoundObject(definition.Kind, name, uid);
    }

    private static string UidOf(StoredObject stored) => stored.ToTree().GetObject("metadata")?.GetString("uid") ?? "";

    private static ApiException Invalid(RestCall call, IReadOnlyList<FieldError> errors) => ApiErrors.Invalid(Kind.Group, Kind.Kind, call.Name, errors);
}
