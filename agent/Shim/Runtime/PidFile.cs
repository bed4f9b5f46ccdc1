using System.Globalization;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>The file an OCI runtime writes a process id into.</summary>
internal static class PidFile
{
    internal static int Read(string path) => int.Parse(SmallFile.ReadText(path), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
}
