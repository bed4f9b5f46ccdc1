using ControlPlane.Controllers;
using ControlPlane.Controllers.Scheduling;

return await ControllerHost.RunAsync(args, static builder => builder.AddSchedulingController());
