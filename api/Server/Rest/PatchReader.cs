using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Patching;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Patches of the three types that change what is there, as functions on object trees.</summary>
internal static class PatchReader
{
    public const string Json = "application/json-patch+json";
    public const string Merge = "application/merge-patch+json";
    public const string Strategic = "application/strategic-merge-patch+json";

    /// <summary>Reads the body. The function leaves its argument alone, and throws the answer when the patch does not fit.</summary>
    public static async Task<Func<JsonObject, JsonNode?>> ReadAsync(RestCall call, IReadOnlyList<string> accepted, ResourceSchema schema)
    {
        var type = BodyReader.MediaType(call.Http.Request);
        if (!accepted.Contains(type))
            throw ApiErrors.UnsupportedMediaType(accepted);
        var body = await BodyReader.ReadAsync(call.Http, call.Aborted);
        var patch = Translate(() => Parse(type, body, schema));
        return live => Translate(() => patch(live));
    }

    private static Func<JsonObject, JsonNode?> Parse(string type, ReadOnlyMemory<byte> body, ResourceSchema schema)
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
        if (type == Json)
        {
            var patch = JsonPatch.Parse(document);
            return patch.Apply;
        }
        if (document is not JsonObject fields)
            throw ApiErrors.BadRequest("error decoding patch: the patch is not a JSON object");
        return type == Merge ? live => JsonMergePatch.Apply(live, fields) : live => StrategicMergePatch.Apply(live, fields, schema);
    }

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
