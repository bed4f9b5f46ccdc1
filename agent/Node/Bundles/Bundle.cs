using System.Buffers;
using System.Text.Json;
using ControlPlane.Agent.Linux;

namespace ControlPlane.Agent.Bundles;

/// <summary>A container's directory as an OCI runtime takes it: config.json, and beside it whatever the shim records.</summary>
internal static class Bundle
{
    internal const string ConfigFile = "config.json";

    /// <summary>Writes the bundle's config.json. The directory is made if missing, for its owner only: the file may hold secrets in env.</summary>
    internal static void Write(string directory, ContainerConfig config)
    {
        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Validate(config);
        Directory.CreateDirectory(directory, OwnerOnly | UnixFileMode.UserExecute);
        using var file = new FileStream(Path.Combine(directory, ConfigFile), new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = OwnerOnly,
            BufferSize = 0,
        });

        // Better a container a little easier to kill than none: the runtime fails on a score it may not set.
        var score = ProcessControl.ReachableOomScoreAdjustment(config.OomScoreAdjustment);
        file.Write(Serialize(config with { OomScoreAdjustment = score }).Span);
    }

    /// <summary>The bytes of config.json.</summary>
    internal static ReadOnlyMemory<byte> Serialize(ContainerConfig config)
    {
        var buffer = new ArrayBufferWriter<byte>(16 * 1024);
        using (var json = new Utf8JsonWriter(buffer)) RuntimeSpecWriter.Write(json, config);
        return buffer.WrittenMemory;
    }

    private static void Validate(ContainerConfig config)
    {
        if (config.Args.Count == 0) throw new ArgumentException("A container needs a program.", nameof(config));
        if (!Path.IsPathRooted(config.RootfsPath)) throw new ArgumentException("The root file system's path must be absolute.", nameof(config));
        if (!config.CgroupPath.StartsWith('/') || config.CgroupPath.Length < 2) throw new ArgumentException("The cgroup's path must be absolute.", nameof(config));
        foreach (var mount in config.Mounts)
        {
            if (!Path.IsPathRooted(mount.Destination)) throw new ArgumentException($"The mount at \"{mount.Destination}\" needs an absolute destination.", nameof(config));
        }
    }
}
