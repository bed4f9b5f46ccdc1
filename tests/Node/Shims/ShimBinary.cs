using System.Diagnostics;

namespace ControlPlane.Node.Tests.Shims;

/// <summary>The published shim: CONTROLPLANE_SHIM, or built once for the whole run by hack/build/publish-shim.sh.</summary>
internal static class ShimBinary
{
    private static readonly Lazy<string> Located = new(Locate);

    internal static string Path => Located.Value;

    private static string Locate()
    {
        if (Environment.GetEnvironmentVariable("CONTROLPLANE_SHIM") is { Length: > 0 } configured) return configured;
        var script = System.IO.Path.Combine(RepositoryRoot(), "hack", "build", "publish-shim.sh");
        using var process = Process.Start(new ProcessStartInfo(script) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{script} failed:\n{output}");
        return output.Trim().Split('\n')[^1];
    }

    private static string RepositoryRoot()
    {
        for (var directory = AppContext.BaseDirectory; directory is not null; directory = System.IO.Path.GetDirectoryName(directory))
        {
            if (File.Exists(System.IO.Path.Combine(directory, "ControlPlane.sln"))) return directory;
        }

        throw new DirectoryNotFoundException("The tests run outside the repository and CONTROLPLANE_SHIM is not set.");
    }
}
