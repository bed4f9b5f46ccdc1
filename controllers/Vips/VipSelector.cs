using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Vips;

/// <summary>Which pods a VIP leads to.</summary>
internal static class VipSelector
{
    /// <summary>Whether a pod of the VIP's namespace is behind it. A VIP that selects nothing matches nothing.</summary>
    public static bool Matches(VipSpec spec, Pod pod)
    {
        var labels = pod.Metadata.Labels;
        if (spec.App is { Length: > 0 } app)
            return labels.GetValueOrDefault(WellKnownLabels.App) == app;
        return spec.Selector.Count > 0 && spec.Selector.All(wanted => labels.TryGetValue(wanted.Key, out var value) && value == wanted.Value);
    }

    /// <summary>For sentences: what is selected.</summary>
    public static string Describe(VipSpec spec) =>
        spec.App is { Length: > 0 } app ? $"app {app}" : string.Join(',', spec.Selector.Order().Select(static pair => $"{pair.Key}={pair.Value}"));
}
