namespace ControlPlane.Agent.Shims;

/// <summary>Which output stream a piece came from. A terminal has only <see cref="Stdout"/>.</summary>
internal enum SessionStream
{
    None,
    Stdout,
    Stderr,
}
