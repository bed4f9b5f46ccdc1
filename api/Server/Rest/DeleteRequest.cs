using System.Globalization;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest;

/// <summary>What becomes of an object's dependents.</summary>
internal enum Propagation
{
    /// <summary>As the object's finalizers say already; else as Background.</summary>
    Unset,
    Background,
    Foreground,
    Orphan,
}

/// <summary>How to delete: the DeleteOptions of the body, or of the query where the body is silent.</summary>
internal sealed record DeleteRequest(bool DryRun, long? GracePeriodSeconds, Propagation Propagation, string? Uid, string? ResourceVersion)
{
    private static readonly GroupVersionKind Kind = new("", "v1", "DeleteOptions");
    private static readonly ResourceSchema Schema = new()
    {
        Type = SchemaType.Object,
        Properties = new SchemaProperties(SchemaFromType.Build<DeleteOptions>().Properties.Ordered.Append(
            KeyValuePair.Create("orphanDependents", new ResourceSchema { Type = SchemaType.Boolean }))),
    };

    public static async Task<DeleteRequest> ReadAsync(RestCall call)
    {
        var body = await ReadBodyAsync(call);
        return Parse(body, call.Http.Request.Query);
    }

    private static async Task<JsonObject> ReadBodyAsync(RestCall call)
    {
        var tree = await ObjectDecoder.ReadDocumentAsync(call, Kind);
        // Clients send the options in meta.k8s.io, in core, or in the group they delete from.
        tree.Remove("apiVersion");
        if (tree.GetString("kind") is { Length: > 0 } kind && kind != Kind.Kind)
            throw ApiErrors.BadRequest($"the body of a delete is a DeleteOptions, not a {kind}");
        UnknownFields.Prune(tree, Schema);
        var errors = new List<FieldError>();
        SchemaValidator.Validate(tree, Schema, FieldPath.Root, errors);
        return errors.Count == 0 ? tree : throw ApiErrors.InvalidOptions("DeleteOptions", errors);
    }

    public static DeleteRequest Parse(JsonObject body, IQueryCollection query)
    {
        var errors = new List<FieldError>();
        var dryRun = WriteOptions.ParseDryRun(body.GetArray("dryRun")?.Select(JsonTree.AsString) ?? query["dryRun"], errors);
        var preconditions = body.GetObject("preconditions");
        var request = new DeleteRequest(dryRun, Grace(body, query), Policy(body, query, errors), preconditions?.GetString("uid"), preconditions?.GetString("resourceVersion"));
        return errors.Count == 0 ? request : throw ApiErrors.InvalidOptions("DeleteOptions", errors);
    }

    private static long? Grace(JsonObject body, IQueryCollection query)
    {
        var text = query["gracePeriodSeconds"].ToString();
        long? seconds = JsonNumbers.TryGetInt64(body["gracePeriodSeconds"], out var given) ? given
            : text.Length == 0 ? null
            : long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out given) ? given
            : throw ApiErrors.BadRequest($"gracePeriodSeconds must be an integer, not \"{text}\"");
        return seconds < 0 ? 1 : seconds;
    }

    private static Propagation Policy(JsonObject body, IQueryCollection query, List<FieldError> errors)
    {
        var policy = body.GetString("propagationPolicy") ?? query["propagationPolicy"].ToString();
        var orphan = body["orphanDependents"] is JsonValue flag && flag.TryGetValue(out bool given) ? given : ListOptions.ParseFlag(query, "orphanDependents");
        var path = FieldPath.Of("propagationPolicy");
        if (policy.Length > 0 && orphan is not null)
            errors.Add(FieldError.Invalid(path, policy, "orphanDependents and deletionPropagation cannot be both set"));
        switch (policy)
        {
            case "":
                return orphan switch { true => Propagation.Orphan, false => Propagation.Background, _ => Propagation.Unset };
            case nameof(Propagation.Background):
                return Propagation.Background;
            case nameof(Propagation.Foreground):
                return Propagation.Foreground;
            case nameof(Propagation.Orphan):
                return Propagation.Orphan;
            default:
                errors.Add(FieldError.NotSupported(path, policy, ["Foreground", "Background", "Orphan", "nil"]));
                return Propagation.Unset;
        }
    }
}
