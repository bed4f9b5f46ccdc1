using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Negotiation;

namespace ControlPlane.Api.Server.Requests;

/// <summary>Writes whole answers.</summary>
internal static class Responses
{
    private static readonly JsonSerializerOptions Indented = new(ApiJson.Options) { WriteIndented = true };

    public static Task WriteStatusAsync(HttpContext context, Status status) =>
        WriteJsonAsync(context, status.Code ?? 200, ApiJson.Serialize(status));

    /// <summary>Writes one compact JSON document in the encoding the client asked for.</summary>
    public static Task WriteJsonAsync(HttpContext context, int code, ReadOnlyMemory<byte> json)
    {
        var form = PlainForm(context);
        return WriteAsync(context, code, form.ContentType, form.Encoding == OutputEncoding.Json ? json : Reformat(json.Span, form.Encoding), newline: form.Encoding != OutputEncoding.Yaml);
    }

    public static Task WriteTextAsync(HttpContext context, int code, string text)
    {
        context.Response.Headers.XContentTypeOptions = "nosniff";
        return WriteAsync(context, code, "text/plain; charset=utf-8", Encoding.UTF8.GetBytes(text), newline: false);
    }

    public static async Task WriteAsync(HttpContext context, int code, string contentType, ReadOnlyMemory<byte> body, bool newline)
    {
        var response = context.Response;
        response.StatusCode = code;
        response.ContentType = contentType;
        response.ContentLength = body.Length + (newline ? 1 : 0);
        if (HttpMethods.IsHead(context.Request.Method))
            return;
        response.BodyWriter.Write(body.Span);
        if (newline)
            response.BodyWriter.Write("\n"u8);
        await response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    /// <summary>Compact JSON in another encoding.</summary>
    public static byte[] Reformat(ReadOnlySpan<byte> json, OutputEncoding encoding)
    {
        var tree = JsonNode.Parse(json);
        return encoding switch
        {
            OutputEncoding.PrettyJson => JsonSerializer.SerializeToUtf8Bytes(tree, Indented),
            OutputEncoding.Yaml => Encoding.UTF8.GetBytes(Machinery.Yaml.YamlWriter.Write(tree)),
            _ => json.ToArray(),
        };
    }

    /// <summary>An error must reach the client whatever it accepts.</summary>
    private static OutputForm PlainForm(HttpContext context)
    {
        try
        {
            return OutputForm.Plain(context.Request);
        }
        catch (Errors.ApiException)
        {
            return OutputForm.Json;
        }
    }
}
