namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>Registers the garbage collector.</summary>
public static class GarbageCollectionController
{
    /// <summary>Deletes objects whose owners are gone, and sees foreground and orphan deletions through.</summary>
    public static ControllerHostBuilder AddGarbageCollectionController(this ControllerHostBuilder builder) =>
        builder.AddController("garbage-collection", static controller => controller
            .Workers(8)
            .Reconciles(static context => new GarbageCollector(context, new ResourceMonitors(context))));
}
