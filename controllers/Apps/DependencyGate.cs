using System.Globalization;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.Apps;

/// <summary>Whether an app may start or be upgraded: each app that it depends on is ready, at its newest revision.</summary>
/// <param name="Reason">CamelCase, or <c>null</c> when the way is free.</param>
/// <param name="Message">A sentence for people.</param>
internal readonly record struct DependencyGate(string? Reason, string? Message)
{
    /// <summary>Whether nothing holds the app back.</summary>
    public bool IsOpen => Reason is null;

    /// <summary>Looks at the apps that an app depends on.</summary>
    /// <param name="spec">The app's spec.</param>
    /// <param name="find">Finds an app of the same namespace by name.</param>
    public static DependencyGate Of(AppSpec spec, Func<string, App?> find)
    {
        foreach (var name in spec.Dependencies)
        {
            if (find(name) is not { } dependency)
                return new DependencyGate("DependencyMissing", $"waits for app {name}, which does not exist");
            if (!IsReady(dependency))
                return new DependencyGate("DependencyNotReady", $"waits for {name} ({Describe(dependency)})");
        }

        return default;
    }

    private static string Describe(App app)
    {
        if (app.Metadata.DeletionTimestamp is not null)
            return "being deleted";
        if (app.Spec.Instances == 0)
            return "suspended";
        return (app.Status?.ReadyOfDesired ?? "0/" + (app.Spec.Instances ?? 1).ToString(CultureInfo.InvariantCulture)) + " ready";
    }

    // A suspended app is as it should be, and yet nobody can use it.
    private static bool IsReady(App app) =>
        app.Metadata.DeletionTimestamp is null && app.Spec.Instances != 0 && app.Status is { } status
        && status.ObservedGeneration == app.Metadata.Generation && status.Conditions.IsTrue("Ready");
}
