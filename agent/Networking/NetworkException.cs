namespace ControlPlane.Agent.Networking;

/// <summary>The machine's network could not be set as asked.</summary>
public class NetworkException : Exception
{
    public NetworkException(string message)
        : base(message)
    {
    }

    public NetworkException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
