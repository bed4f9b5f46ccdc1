using ControlPlane.Api.Meta;

namespace ControlPlane.Api.Client.Discovery;

/// <summary>A kind that the server serves, built-in or defined by extensions.</summary>
/// <param name="Info">Where.</param>
/// <param name="Verbs">What can be done with it.</param>
public sealed record ServedResource(ResourceInfo Info, IReadOnlyList<string> Verbs)
{
    /// <summary>Whether all of the verbs are possible.</summary>
    public bool Can(params ReadOnlySpan<string> verbs)
    {
        foreach (var verb in verbs)
        {
            if (!Verbs.Contains(verb))
                return false;
        }
        return true;
    }
}
