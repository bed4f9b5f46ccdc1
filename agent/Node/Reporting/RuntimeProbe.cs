using System.Diagnostics;
using ControlPlane.Agent.Networks;

namespace ControlPlane.Agent.Reporting;

/// <summary>Whether what pods need is there. Asked again whenever the node's status is computed: programs may come and go.</summary>
internal sealed class RuntimeProbe(AgentOptions options, NetworkSync network)
{
    private static readonly string[] Plugins = ["bridge", "host-local", "portmap", "loopback"];

    private string? _version;

    /// <summary>The runtime and its version, e.g. runc://1.1.5.</summary>
    public async Task<string> VersionAsync(CancellationToken cancellation)
    {
        if (_version is not null || !File.Exists(options.Runc))
            return "runc://" + (_version ?? "unknown");
        using var process = Process.Start(new ProcessStartInfo(options.Runc, "--version") { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync(cancellation);
        await process.WaitForExitAsync(cancellation);

        // "runc version 1.1.5+ds1", then more lines.
        var words = output.Split('\n')[0].Split(' ');
        return "runc://" + (_version = words is ["runc", "version", var version, ..] ? version.Trim() : "unknown");
    }

    /// <summary>What is missing, as sentences.</summary>
    public IEnumerable<string> Problems()
    {
        if (!File.Exists(options.Runc))
            yield return $"the container runtime {options.Runc} is missing: install runc, or name it with --runc";
        if (!File.Exists(options.Shim))
            yield return $"the shim {options.Shim} is missing: name it with --shim";
        if (network.Problem is { } problem)
            yield return problem;
        if (options.CniConfigDirectory.Length > 0)
            yield break;
        var missing = Plugins.Where(p => !File.Exists(Path.Combine(options.CniDirectory, p))).ToList();
        if (missing.Count > 0)
            yield return $"CNI plug-ins are missing in {options.CniDirectory}: {string.Join(", ", missing)}; install containernetworking-plugins";
    }
}
