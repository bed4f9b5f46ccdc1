using ControlPlane.Agent.Networking.Programs;

namespace ControlPlane.Agent.Networking;

/// <summary>Named network namespaces (/run/netns), which exist independent of any process.</summary>
public static class NetworkNamespace
{
    private const string Directory = "/run/netns";

    public static string PathOf(string name) => Path.Combine(Directory, name);

    public static bool Exists(string name) => File.Exists(PathOf(name));

    /// <summary>Makes the namespace; one that exists is kept.</summary>
    public static async Task CreateAsync(string name, CancellationToken cancellation)
    {
        if (!Exists(name))
            await RunAsync(["netns", "add", name], cancellation);
    }

    /// <summary>Deletes the namespace, if it exists.</summary>
    public static async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        if (Exists(name))
            await RunAsync(["netns", "delete", name], cancellation);
    }

    private static async Task RunAsync(string[] arguments, CancellationToken cancellation)
    {
        var result = await ProgramRunner.Instance.RunAsync("ip", arguments, null, null, cancellation);
        if (result.ExitCode != 0)
            throw new NetworkException($"ip {string.Join(' ', arguments)} failed: {result.Complaint}");
    }
}
