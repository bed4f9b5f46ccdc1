using ControlPlane.Api.Core.V1;
using ControlPlane.Controllers.GarbageCollection.Namespaces;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>Registers the namespaces controller.</summary>
public static class NamespacesController
{
    /// <summary>Gives every namespace its service account and root certificate, and empties namespaces that are deleted.</summary>
    public static ControllerHostBuilder AddNamespacesController(this ControllerHostBuilder builder) =>
        builder.AddController("namespaces", static controller => controller
            .For<Namespace>()
            .Workers(8)
            .Reconciles(static context => new NamespaceReconciler(
                context.Cache<Namespace>(), new NamespaceDefaults(context), new NamespaceTermination(context))));
}
