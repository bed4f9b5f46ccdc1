using ControlPlane.Controllers;
using ControlPlane.Controllers.Sample;

return await ControllerHost.RunAsync(args, static builder => builder.AddHelloController());
