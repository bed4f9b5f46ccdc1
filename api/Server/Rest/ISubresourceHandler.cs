namespace ControlPlane.Api.Server.Rest;

/// <summary>Serves every verb of one subresource.</summary>
internal interface ISubresourceHandler
{
    Task HandleAsync(RestCall call);
}
