using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Admission;

/// <summary>What a node's agent writes is its own: the parts of the rule that only the body of a request shows.</summary>
internal sealed class NodeRestriction : IAdmissionPlugin
{
    public string Name => "NodeRestriction";

    public ValueTask AdmitAsync(AdmissionRequest request)
    {
        if (NodeAuthorizer.NodeOf(request.Call.Request.User) is not { } node)
            return ValueTask.CompletedTask;
        var definition = request.Call.Definition;
        var body = request.Proposed ?? request.Live!;
        var name = body.GetObject("metadata")?.GetString("name") ?? "";
        switch (definition.Plural)
        {
            case "nodes" or "leases" when name != node:
                throw ApiErrors.Forbidden(definition, name, $"node \"{node}\" is not allowed to write what belongs to node \"{name}\"");
            case "pods" when (request.Live ?? body).GetObject("spec")?.GetString("nodeName") != node:
                throw ApiErrors.Forbidden(definition, name, $"node \"{node}\" is not allowed to write a pod of another node");
            default:
                return ValueTask.CompletedTask;
        }
    }
}
