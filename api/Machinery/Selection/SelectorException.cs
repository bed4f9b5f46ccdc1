namespace ControlPlane.Api.Machinery.Selection;

/// <summary>A selector that does not parse. The message is the one Kubernetes gives, since clients show it as it is (400).</summary>
public sealed class SelectorException : Exception
{
    public SelectorException()
    {
    }

    public SelectorException(string message)
        : base(message)
    {
    }

    public SelectorException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
