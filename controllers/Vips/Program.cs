using ControlPlane.Controllers;
using ControlPlane.Controllers.Vips;

return await ControllerHost.RunAsync(args, static builder => builder.AddVipsController());
