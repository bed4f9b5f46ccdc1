namespace ControlPlane.Api.Client;

/// <summary>The configuration cannot be used; the message says which part and why.</summary>
public sealed class ClientConfigException : Exception
{
    /// <summary>With the reason.</summary>
    public ClientConfigException(string message, Exception? innerException = null) : base(message, innerException) { }
}
