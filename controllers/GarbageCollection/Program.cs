using ControlPlane.Controllers;
using ControlPlane.Controllers.GarbageCollection;

return await ControllerHost.RunAsync(args, static builder => builder.AddGarbageCollectionController().AddNamespacesController());
