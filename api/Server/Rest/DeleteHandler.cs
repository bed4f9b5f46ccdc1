using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Deletes one object.</summary>
internal sealed class DeleteHandler(ObjectDeleter deleter, TimeProvider time) : IVerbHandler
{
    public async Task HandleAsync(RestCall call)
    {
        var writer = ObjectResponses.Negotiate(call, time);
        var request = await DeleteRequest.ReadAsync(call);
        var change = await deleter.DeleteAsync(call, call.Namespace, call.Name, request) ?? throw ApiErrors.NotFound(call.Definition, call.Name);
        if (change.Kind != ChangeKind.Delete || call.Definition.Strategy.ReturnsDeletedObject)
            await ObjectResponses.WriteAsync(call, 200, writer, change.Object);
        else
            await Responses.WriteStatusAsync(call.Http, Deleted(call, change.Object));
    }

    private static Status Deleted(RestCall call, StoredObject value) => new()
    {
        Outcome = "Success",
        Details = new StatusDetails
        {
            Name = call.Name,
            Group = call.Definition.Group.Length == 0 ? null : call.Definition.Group,
            Kind = call.Definition.Plural,
            Uid = value.ToTree().GetObject("metadata")?.GetString("uid"),
        },
    };
}
