using System.Text;
using ControlPlane.Agent.Shim.Contract;

namespace ControlPlane.Node.Tests.Shims;

/// <summary>What an exec session gave.</summary>
internal sealed record SessionResult(SessionExit Exit, byte[] Stdout, byte[] Stderr)
{
    internal string Text => Encoding.UTF8.GetString(Stdout);

    internal string ErrorText => Encoding.UTF8.GetString(Stderr);
}
