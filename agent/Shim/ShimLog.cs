using System.Text;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Shim;

/// <summary>The shim's own words, on standard error (shim.log). Only faults are said, so the file stays empty in ordinary life.</summary>
internal static class ShimLog
{
    internal static void Write(string where, Exception fault) => Write(where + ": " + fault.GetType().Name + ": " + fault.Message);

    internal static void Write(string text)
    {
        Span<byte> stamp = stackalloc byte[CriTimestamp.Length];
        CriTimestamp.Format(Clock.UnixNanoseconds(), stamp);

        // Nobody is left to tell when standard error fails.
        _ = FileDescriptor.Write(2, Encoding.UTF8.GetBytes(Encoding.ASCII.GetString(stamp) + " " + text + "\n"));
    }
}
