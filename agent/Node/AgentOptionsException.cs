namespace ControlPlane.Agent;

/// <summary>The agent's settings are wrong.</summary>
internal sealed class AgentOptionsException(IReadOnlyList<string> problems) : Exception(string.Join(Environment.NewLine, problems))
{
    public IReadOnlyList<string> Problems => problems;
}
