namespace ControlPlane.Api.Machinery.Json;

/// <summary>The bytes are not a document of the format they claim to be.</summary>
public sealed class DecodeException : Exception
{
    public DecodeException()
    {
    }

    public DecodeException(string message)
        : base(message)
    {
    }

    public DecodeException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
