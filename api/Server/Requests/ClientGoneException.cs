namespace ControlPlane.Api.Server.Requests;

/// <summary>The client went away while its request was read: nothing to answer and nobody's fault.</summary>
internal sealed class ClientGoneException(IOException cause) : Exception(cause.Message, cause);
