using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Yaml;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Protobuf;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Negotiation;

/// <summary>The media types in which objects are accepted.</summary>
internal static class BodyFormats
{
    private static readonly string[] Accepted = ["application/json", "application/yaml", ProtobufDecoder.MediaType];

    /// <summary>Decodes a body of an accepted media type; none named means JSON.</summary>
    /// <param name="request">Names the media type.</param>
    /// <param name="body">The bytes.</param>
    /// <param name="malformed">Makes the error for bytes that are not of that type.</param>
    public static ParsedDocument Decode(HttpRequest request, ReadOnlyMemory<byte> body, Func<string, ApiException> malformed)
    {
        try
        {
            return BodyReader.MediaType(request) switch
            {
                "" or "application/json" or "*/*" => StrictJson.Parse(body.Span),
                "application/yaml" => FromYaml(body.Span),
                ProtobufDecoder.MediaType => new ParsedDocument(ProtobufDecoder.Decode(body), []),
                _ => throw ApiErrors.UnsupportedMediaType(Accepted),
            };
        }
        catch (DecodeException error)
        {
            throw malformed(error.Message);
        }
        catch (NotSupportedException)
        {
            throw ApiErrors.UnsupportedMediaType(Accepted[..2]);
        }
    }

    private static ParsedDocument FromYaml(ReadOnlySpan<byte> utf8)
    {
        var document = YamlReader.Read(utf8);
        return new ParsedDocument(document.Root, [.. document.Duplicates.Select(d => d.Path)]);
    }
}
