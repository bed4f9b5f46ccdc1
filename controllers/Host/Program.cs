using ControlPlane.Controllers;
using ControlPlane.Controllers.GarbageCollection;
using ControlPlane.Controllers.Nodes;

return await ControllerHost.RunAsync(args, static builder => builder
    .AddNodesController()
    .AddGarbageCollectionController()
    .AddNamespacesController());
