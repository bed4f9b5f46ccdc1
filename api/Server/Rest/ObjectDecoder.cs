using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Request bodies to object trees that hold only fields the kind knows.</summary>
internal static class ObjectDecoder
{
    /// <summary>Reads an object of the call's kind.</summary>
    public static Task<JsonObject> ReadAsync(RestCall call, FieldValidation validation) =>
        ReadAsync(call, new GroupVersionKind(call.Definition.Group, call.Definition.Version, call.Definition.Kind), call.Definition.Schema, validation);

    /// <summary>Reads an object of another kind, such as a subresource takes.</summary>
    public static async Task<JsonObject> ReadAsync(RestCall call, GroupVersionKind expected, ResourceSchema schema, FieldValidation validation)
    {
        var body = await BodyReader.ReadAsync(call.Http, call.Aborted);
        if (body.IsEmpty)
            throw Cannot(expected, "the request has no body");
        var parsed = BodyFormats.Decode(call.Http.Request, body, why => Cannot(expected, why));
        if (parsed.Root is not JsonObject tree)
            throw Cannot(expected, "the body is not an object");
        CheckKind(tree, expected);
        CheckFields(call, tree, parsed.DuplicateFields, expected, schema, validation);
        return tree;
    }

    /// <summary>Reads a body that may be empty, whatever fields it has.</summary>
    public static async Task<JsonObject> ReadDocumentAsync(RestCall call, GroupVersionKind expected)
    {
        var body = await BodyReader.ReadAsync(call.Http, call.Aborted);
        if (body.IsEmpty)
            return [];
        var parsed = BodyFormats.Decode(call.Http.Request, body, why => Cannot(expected, why));
        return parsed.Root as JsonObject ?? throw Cannot(expected, "the body is not an object");
    }

    private static void CheckKind(JsonObject tree, GroupVersionKind expected)
    {
        var apiVersion = tree.GetString("apiVersion");
        var kind = tree.GetString("kind");
        // A body without either takes them from the URL.
        if (!string.IsNullOrEmpty(kind) && kind != expected.Kind)
            throw ApiErrors.BadRequest($"{kind} in version \"{VersionOf(apiVersion)}\" cannot be handled as a {expected.Kind}: the URL takes objects of kind {expected.Kind}");
        if (!string.IsNullOrEmpty(apiVersion) && apiVersion != expected.ApiVersion)
            throw ApiErrors.BadRequest($"the API version in the data ({apiVersion}) does not match the expected API version ({expected.ApiVersion})");
        tree["apiVersion"] = expected.ApiVersion;
        tree["kind"] = expected.Kind;
    }

    private static void CheckFields(
        RestCall call, JsonObject tree, IReadOnlyList<string> duplicates, GroupVersionKind expected, ResourceSchema schema, FieldValidation validation)
    {
        var unknown = validation == FieldValidation.Ignore ? null : new List<string>();
        UnknownFields.Prune(tree, schema, unknown);
        if (unknown is null || (unknown.Count == 0 && duplicates.Count == 0))
            return;
        var findings = Findings(duplicates, unknown);
        if (validation == FieldValidation.Strict)
            throw Cannot(expected, "strict decoding error: " + string.Join(", ", findings));
        foreach (var finding in findings)
            call.Request.Warn(finding);
    }

    public static IEnumerable<string> Findings(IEnumerable<string> duplicates, IEnumerable<string> unknown) =>
        [.. duplicates.Select(p => $"duplicate field \"{p}\""), .. unknown.Select(p => $"unknown field \"{p}\"")];

    private static ApiException Cannot(GroupVersionKind expected, string why) =>
        ApiErrors.BadRequest($"{expected.Kind} in version \"{expected.Version}\" cannot be handled as a {expected.Kind}: {why}");

    private static string VersionOf(string? apiVersion) => apiVersion is null ? "" : apiVersion[(apiVersion.LastIndexOf('/') + 1)..];
}
