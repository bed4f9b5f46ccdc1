using System.Buffers;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Lists a collection: streams stored bytes, never building the whole answer.</summary>
internal sealed class ListHandler(ListReader reader, TimeProvider time) : IVerbHandler
{
    private const int FlushBytes = 64 * 1024;

    public async Task HandleAsync(RestCall call)
    {
        var form = OutputForm.ForList(call.Http.Request);
        var writer = new ObjectWriter(call.Definition, form, call.Http.Request.Query, time);
        var options = ListOptions.Parse(call.Http.Request.Query, watch: false);
        var filter = new ObjectFilter(call.Definition, call.Namespace, null, options.Labels, options.Fields);
        var page = await reader.ReadAsync(call, options, filter);
        if (form.Encoding == OutputEncoding.Json)
            await StreamAsync(call, writer, page);
        else
            await WriteWholeAsync(call, writer, page);
    }

    private static async Task StreamAsync(RestCall call, ObjectWriter writer, ListPage page)
    {
        var response = call.Http.Response;
        response.ContentType = writer.Form.ContentType;
        var output = response.BodyWriter;
        writer.WriteListStart(output, page.Revision, page.Continue, page.Remaining);
        var first = true;
        foreach (var value in page.Objects)
        {
            writer.WriteItem(output, value, first);
            first = false;
            if (output.UnflushedBytes > FlushBytes)
                await output.FlushAsync(call.Aborted);
        }
        writer.WriteListEnd(output);
        output.Write("\n"u8);
        await output.FlushAsync(call.Aborted);
    }

    private static Task WriteWholeAsync(RestCall call, ObjectWriter writer, ListPage page)
    {
        var buffer = new ArrayBufferWriter<byte>();
        writer.WriteListStart(buffer, page.Revision, page.Continue, page.Remaining);
        var first = true;
        foreach (var value in page.Objects)
        {
            writer.WriteItem(buffer, value, first);
            first = false;
        }
        writer.WriteListEnd(buffer);
        return Responses.WriteAsync(call.Http, 200, writer.Form.ContentType, Responses.Reformat(buffer.WrittenSpan, writer.Form.Encoding),
            newline: writer.Form.Encoding != OutputEncoding.Yaml);
    }
}
