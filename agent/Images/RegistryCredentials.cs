namespace ControlPlane.Agent.Images;

public sealed record RegistryCredentials(string Username, string Password)
{
    // A record prints its members; this one must not reach a log.
    public override string ToString() => $"{Username}:***";
}
