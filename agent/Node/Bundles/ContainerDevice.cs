namespace ControlPlane.Agent.Bundles;

/// <summary>A device node in a container.</summary>
/// <param name="Path">Where, e.g. <c>/dev/fuse</c>.</param>
/// <param name="Type"><c>c</c> or <c>b</c>.</param>
/// <param name="Major">Its driver.</param>
/// <param name="Minor">Which one of the driver's.</param>
/// <param name="Access">Any of <c>r</c>, <c>w</c> and <c>m</c>.</param>
/// <param name="Mode">Permissions of the node.</param>
internal sealed record ContainerDevice(string Path, char Type, long Major, long Minor, string Access = "rwm", int Mode = 0x1B6 /* 0666 */);
