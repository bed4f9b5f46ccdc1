namespace ControlPlane.Agent.Networking.Cni;

/// <summary>A plugin failed; the message has the plugin's name and words.</summary>
public sealed class CniException(string plugin, string command, int code, string message)
    : NetworkException($"CNI plugin {plugin} failed to {command}: {message}")
{
    public string Plugin { get; } = plugin;

    /// <summary>The plugin's own code: below 100 those of the CNI specification; 11 asks to try again later.</summary>
    public int Code { get; } = code;
}
