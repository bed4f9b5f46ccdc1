using ControlPlane.Controllers;
using ControlPlane.Controllers.Groups;

return await ControllerHost.RunAsync(args, static builder => builder.AddGroupsController());
