using ControlPlane.Controllers;
using ControlPlane.Controllers.Apps;
using ControlPlane.Controllers.GarbageCollection;
using ControlPlane.Controllers.Groups;
using ControlPlane.Controllers.Nodes;
using ControlPlane.Controllers.Scheduling;
using ControlPlane.Controllers.Vips;

return await ControllerHost.RunAsync(args, static builder => builder
    .AddNodesController()
    .AddGarbageCollectionController()
    .AddNamespacesController()
    .AddSchedulingController()
    .AddVipsController()
    .AddAppsController()
    .AddGroupsController());
