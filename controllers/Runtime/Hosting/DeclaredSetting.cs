namespace ControlPlane.Controllers.Hosting;

/// <summary>A setting that a controller declared.</summary>
internal sealed record DeclaredSetting(string Name, string Default, string Help);
