namespace ControlPlane.Api.Server.Rest;

/// <summary>Serves one verb for every kind.</summary>
internal interface IVerbHandler
{
    Task HandleAsync(RestCall call);
}
