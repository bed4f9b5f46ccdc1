namespace ControlPlane.Agent.Shim;

/// <summary>The rule for container ids: what every OCI runtime takes as a name, and no path or option.</summary>
internal static class ContainerId
{
    private const int Limit = 255;

    internal static bool IsValid(string id)
    {
        if (id.Length is 0 or > Limit || !char.IsAsciiLetterOrDigit(id[0])) return false;
        foreach (var c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '.' or '-')) return false;
        }

        return true;
    }
}
