using ControlPlane.Controllers;
using ControlPlane.Controllers.Apps;

return await ControllerHost.RunAsync(args, static builder => builder.AddAppsController());
