using System.Buffers;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Answers a call with one stored object.</summary>
internal static class ObjectResponses
{
    /// <summary>Picks the form of the answer; refuses before anything is done when there is none.</summary>
    public static ObjectWriter Negotiate(RestCall call, TimeProvider time) =>
        new(call.Definition, OutputForm.ForObject(call.Http.Request), call.Http.Request.Query, time);

    public static async Task WriteAsync(RestCall call, int code, ObjectWriter writer, StoredObject value)
    {
        if (writer.Form == OutputForm.Json)
        {
            var response = call.Http.Response;
            response.StatusCode = code;
            response.ContentType = "application/json";
            value.WriteTo(response.BodyWriter);
            response.BodyWriter.Write("\n"u8);
            await response.BodyWriter.FlushAsync(call.Http.RequestAborted);
            return;
        }
        var buffer = new ArrayBufferWriter<byte>(value.MaxLength);
        writer.WriteObject(buffer, value);
        var body = writer.Form.Encoding == OutputEncoding.Json ? buffer.WrittenMemory : Responses.Reformat(buffer.WrittenSpan, writer.Form.Encoding);
        await Responses.WriteAsync(call.Http, code, writer.Form.ContentType, body, newline: writer.Form.Encoding != OutputEncoding.Yaml);
    }
}
