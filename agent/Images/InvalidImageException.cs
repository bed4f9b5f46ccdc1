namespace ControlPlane.Agent.Images;

/// <summary>The image's content is broken, hostile, or of a kind this node does not run; trying again does not help.</summary>
public sealed class InvalidImageException : Exception
{
    public InvalidImageException(string message)
        : base(message)
    {
    }

    public InvalidImageException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
