using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Discovery;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.OpenApi;

/// <summary>The OpenAPI 2 document: protobuf for kubectl, JSON for the rest. Built when first asked for; only the bytes last sent are kept.</summary>
internal sealed class OpenApiV2Handler(DefinitionRegistry definitions)
{
    private const string AnswerType = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";
    private static readonly string[] ProtobufTypes = ["application/com.github.proto-openapi.spec.v2@v1.0+protobuf", AnswerType];

    private Built? _json;
    private Built? _protobuf;

    /// <summary>Answers if the path is that of OpenAPI 2.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        if (path is not ("/openapi/v2" or "/openapi/v2/" or "/swagger.json"))
            return false;
        var protobuf = WantsProtobuf(context.Request);
        var document = protobuf ? Current(ref _protobuf, protobuf) : Current(ref _json, protobuf);
        var headers = context.Response.Headers;
        var tag = $"\"{document.Hash}\"";
        headers.ETag = tag;
        headers.Vary = "Accept";
        if (context.Request.Headers.IfNoneMatch.ToString() == tag)
            context.Response.StatusCode = 304;
        else
            await Responses.WriteAsync(context, 200, protobuf ? AnswerType : "application/json", document.Json, newline: false);
        return true;
    }

    private static bool WantsProtobuf(HttpRequest request)
    {
        foreach (var clause in AcceptClause.Parse(request.Headers.Accept.ToString()))
        {
            if (ProtobufTypes.Contains(clause.MediaType))
                return true;
            if (clause.IsJson)
                return false;
        }
        throw ApiErrors.NotAcceptable("only the following media types are accepted: application/json, " + AnswerType);
    }

    private Document Current(ref Built? cached, bool protobuf)
    {
        var snapshot = definitions.Current;
        var built = Volatile.Read(ref cached);
        if (built?.Generation == snapshot.Generation)
            return built.Document;
        var tree = OpenApiV2Document.Build(snapshot);
        built = new Built(snapshot.Generation, protobuf ? new Document(OpenApiV2Encoder.Encode(tree)) : Document.Of(tree));
        Volatile.Write(ref cached, built);
        return built.Document;
    }

    private sealed record Built(long Generation, Document Document);
}
