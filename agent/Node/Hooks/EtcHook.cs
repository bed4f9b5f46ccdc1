using ControlPlane.Agent.Networks;

namespace ControlPlane.Agent.Hooks;

/// <summary>/etc/hosts, /etc/hostname and /etc/resolv.conf of the pod's containers.</summary>
internal sealed class EtcHook(NodeNetwork network) : IPodHook
{
    public const string Hosts = "hosts";
    public const string Hostname = "hostname";
    public const string ResolvConf = "resolv.conf";

    public string Name => "etc";

    public Task ApplyAsync(PodSandbox sandbox, CancellationToken cancellation)
    {
        var hostname = NetworkHook.HostnameOf(sandbox.Pod);
        Write(sandbox, Hostname, hostname + "\n");
        Write(sandbox, Hosts, $"""
            # Made by the node's agent for this pod.
            127.0.0.1	localhost
            ::1	localhost ip6-localhost ip6-loopback
            {sandbox.PodIp}	{hostname}

            """);
        Write(sandbox, ResolvConf, network.ResolvConf(sandbox.Pod));
        return Task.CompletedTask;
    }

    // The directory hook removes the files with their directory.
    public Task UndoAsync(PodSandbox sandbox, CancellationToken cancellation) => Task.CompletedTask;

    private static void Write(PodSandbox sandbox, string name, string content)
    {
        var path = Path.Combine(sandbox.Paths.Etc, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
    }
}
