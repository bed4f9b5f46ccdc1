namespace ControlPlane.Api.Client;

/// <summary>No complete answer came: not connected, connection lost, or too slow. A write may or may not have happened.</summary>
/// <param name="request">What was asked.</param>
/// <param name="innerException">The first cause.</param>
public sealed class ApiUnreachableException(ApiRequest request, Exception innerException)
    : Exception($"No answer to {request}: {innerException.Message}", innerException);
