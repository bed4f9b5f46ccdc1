using System.Buffers;
using ControlPlane.Api.Server.Negotiation;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Deletes every object of a collection that matches, one by one, and answers with what was there.</summary>
internal sealed class DeleteCollectionHandler(ListReader reader, ObjectDeleter deleter) : IVerbHandler
{
    public async Task HandleAsync(RestCall call)
    {
        var request = await DeleteRequest.ReadAsync(call);
        var options = ListOptions.Parse(call.Http.Request.Query, watch: false);
        var filter = new ObjectFilter(call.Definition, call.Namespace, null, options.Labels, options.Fields);
        var page = await reader.ReadAsync(call, options, filter);
        var found = page.Objects.ToList();
        foreach (var value in found)
        {
            var (@namespace, name) = StorageKey.Split(call.Definition.StoragePrefix, value.Key, call.Definition.IsNamespaced);
            // Somebody else may have deleted it since it was listed.
            await deleter.DeleteAsync(call, @namespace, name, request);
        }
        var writer = new ObjectWriter(call.Definition, OutputForm.Json, call.Http.Request.Query, TimeProvider.System);
        var buffer = new ArrayBufferWriter<byte>();
        writer.WriteListStart(buffer, page.Revision, page.Continue, page.Remaining);
        for (var i = 0; i < found.Count; i++)
            writer.WriteItem(buffer, found[i], first: i == 0);
        writer.WriteListEnd(buffer);
        await Responses.WriteJsonAsync(call.Http, 200, buffer.WrittenMemory);
    }
}
