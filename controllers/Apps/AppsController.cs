using ControlPlane.Api.Apps.V1;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps;

/// <summary>Registers the apps controller.</summary>
public static class AppsController
{
    /// <summary>Keeps each app's instances running, and replaces them when the app changes.</summary>
    public static ControllerHostBuilder AddAppsController(this ControllerHostBuilder builder) =>
        builder.AddController("apps", static controller => controller
            .For<App>()
            .Owns<Pod>()
            .Owns<ControllerRevision>()
            // Apps that wait for this one.
            .Watches<App>(static (app, context) => context.Cache<App>().InNamespace(app.Metadata.Namespace ?? "")
                .Where(other => other.Spec.Dependencies.Contains(app.Metadata.Name!)).Select(static other => ObjectKey.Of(other)))
            .Reconciles(static context => new AppReconciler(
                context, new AppCaches(context.Cache<App>(), context.Cache<Pod>(), context.Cache<ControllerRevision>(), context.Cache<Node>()))));
}
