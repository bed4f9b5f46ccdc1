using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Server.Errors;

/// <summary>Ends a request with a Status. Made by <see cref="ApiErrors"/>, answered at the request boundary.</summary>
internal sealed class ApiException(Status status) : Exception(status.Message)
{
    public Status Status { get; } = status;

    public int Code => Status.Code ?? 500;
}
