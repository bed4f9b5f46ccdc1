using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Rest;

/// <summary>A request for a resource, on its way through a handler.</summary>
internal sealed record RestCall(HttpContext Http, ApiRequest Request, ResourceDefinition Definition)
{
    public RequestInfo Info => Request.Info;
    public string Namespace => Definition.IsNamespaced ? Info.Namespace : "";
    public string Name => Info.Name;
    public string Subresource => Info.Subresource;
    public CancellationToken Aborted => Request.Aborted;
}
