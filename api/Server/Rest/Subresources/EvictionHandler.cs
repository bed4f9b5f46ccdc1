using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest.Subresources;

/// <summary>Asks for a pod's end: what drain posts instead of deleting.</summary>
internal sealed class EvictionHandler(ObjectDeleter deleter) : ISubresourceHandler
{
    private static readonly GroupVersionKind Kind = new("policy", "v1", "Eviction");

    public async Task HandleAsync(RestCall call)
    {
        var eviction = await ObjectDecoder.ReadDocumentAsync(call, Kind);
        if (eviction.GetObject("metadata")?.GetString("name") is { Length: > 0 } name && name != call.Name)
            throw ApiErrors.BadRequest($"name in URL does not match name in Eviction object: {call.Name} != {name}");
        var request = DeleteRequest.Parse(eviction.GetObject("deleteOptions") ?? [], call.Http.Request.Query);
        if (await deleter.DeleteAsync(call, call.Namespace, call.Name, request) is null)
            throw ApiErrors.NotFound(call.Definition, call.Name);
        await Responses.WriteStatusAsync(call.Http, new Status { Outcome = "Success", Code = 201 });
    }
}
