namespace ControlPlane.Controllers;

/// <summary>Thrown by a reconciler when trying again is pointless until somebody changes something. Say so in a condition too.</summary>
public sealed class TerminalException : Exception
{
    /// <summary>With the reason.</summary>
    public TerminalException(string message, Exception? innerException = null) : base(message, innerException) { }
}
