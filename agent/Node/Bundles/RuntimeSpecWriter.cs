using System.Text.Json;

namespace ControlPlane.Agent.Bundles;

/// <summary>Writes a container's configuration as the OCI runtime specification 1.0.2 wants it.</summary>
internal static class RuntimeSpecWriter
{
    internal static void Write(Utf8JsonWriter json, ContainerConfig config)
    {
        json.WriteStartObject();
        json.WriteString("ociVersion", "1.0.2");
        WriteProcess(json, config);
        json.WriteStartObject("root");
        json.WriteString("path", config.RootfsPath);
        json.WriteBoolean("readonly", config.ReadOnlyRootfs);
        json.WriteEndObject();
        WriteMounts(json, config);
        WriteLinux(json, config);
        WriteMap(json, "annotations", config.Annotations);
        json.WriteEndObject();
    }

    private static void WriteProcess(Utf8JsonWriter json, ContainerConfig config)
    {
        json.WriteStartObject("process");
        json.WriteBoolean("terminal", config.Terminal);
        json.WriteStartObject("user");
        json.WriteNumber("uid", config.User.Uid);
        json.WriteNumber("gid", config.User.Gid);
        json.WriteStartArray("additionalGids");
        foreach (var group in config.User.AdditionalGids) json.WriteNumberValue(group);
        json.WriteEndArray();
        json.WriteEndObject();
        WriteStrings(json, "args", config.Args);
        WriteStrings(json, "env", config.Env);
        json.WriteString("cwd", config.WorkingDirectory);
        WriteCapabilities(json, config.Capabilities);
        WriteRlimits(json, config.Rlimits);
        json.WriteBoolean("noNewPrivileges", config.NoNewPrivileges && !config.Privileged);
        json.WriteNumber("oomScoreAdj", config.OomScoreAdjustment);
        json.WriteEndObject();
    }

    /// <summary>
    /// Inheritable and ambient stay empty: with them, a program with file capabilities or another user's would regain what its user
    /// is not meant to have.
    /// </summary>
    private static void WriteCapabilities(Utf8JsonWriter json, IReadOnlyList<string> capabilities)
    {
        json.WriteStartObject("capabilities");
        WriteStrings(json, "bounding", capabilities);
        WriteStrings(json, "effective", capabilities);
        WriteStrings(json, "permitted", capabilities);
        json.WriteEndObject();
    }

    private static void WriteRlimits(Utf8JsonWriter json, IReadOnlyList<ContainerRlimit> limits)
    {
        json.WriteStartArray("rlimits");
        foreach (var limit in limits)
        {
            json.WriteStartObject();
            json.WriteString("type", limit.Type);
            json.WriteNumber("soft", limit.Soft);
            json.WriteNumber("hard", limit.Hard);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteMounts(Utf8JsonWriter json, ContainerConfig config)
    {
        // A mount must come after the one it lies in, so shorter destinations first; the standard ones are in order already.
        var taken = config.Mounts.Select(static mount => mount.Destination).ToHashSet(StringComparer.Ordinal);
        var standard = StandardMounts.For(config.Privileged).Where(mount => !taken.Contains(mount.Destination));
        json.WriteStartArray("mounts");
        foreach (var mount in standard) WriteMount(json, mount);
        foreach (var mount in config.Mounts.OrderBy(static mount => mount.Destination.Count(static c => c == '/'))) WriteMount(json, mount);
        json.WriteEndArray();
    }

    private static void WriteMount(Utf8JsonWriter json, ContainerMount mount)
    {
        json.WriteStartObject();
        json.WriteString("destination", mount.Destination);
        json.WriteString("type", mount.Type);
        json.WriteString("source", mount.Source);
        IReadOnlyList<string> options = mount.Type == "bind"
            ? ["rbind", mount.Propagation, mount.ReadOnly ? "rro" : "rw", .. mount.Options]
            : mount.ReadOnly ? ["ro", .. mount.Options] : mount.Options;
        WriteStrings(json, "options", options);
        json.WriteEndObject();
    }

    private static void WriteLinux(Utf8JsonWriter json, ContainerConfig config)
    {
        json.WriteStartObject("linux");
        WriteNamespaces(json, config.Namespaces);
        json.WriteString("cgroupsPath", config.CgroupPath);
        ResourcesWriter.Write(json, config);
        WriteDevices(json, config.Devices);
        WriteMap(json, "sysctl", config.Sysctls);
        if (!config.Privileged)
        {
            WriteStrings(json, "maskedPaths", config.MaskedPaths);
            WriteStrings(json, "readonlyPaths", config.ReadonlyPaths);
            WriteSeccomp(json, config);
        }

        // A container asks for propagation only where its root lets it through.
        if (config.Mounts.Any(static mount => mount.Propagation == "rshared")) json.WriteString("rootfsPropagation", "rshared");
        else if (config.Mounts.Any(static mount => mount.Propagation == "rslave")) json.WriteString("rootfsPropagation", "rslave");
        json.WriteEndObject();
    }

    private static void WriteNamespaces(Utf8JsonWriter json, ContainerNamespaces namespaces)
    {
        json.WriteStartArray("namespaces");
        WriteNamespace(json, "mount", null);
        WriteNamespace(json, "cgroup", null);
        if (!namespaces.HostPid) WriteNamespace(json, "pid", namespaces.PidPath);
        if (namespaces.NetworkPath is { } network) WriteNamespace(json, "network", network);
        if (namespaces.IpcPath is { } ipc) WriteNamespace(json, "ipc", ipc);
        if (namespaces.UtsPath is { } uts) WriteNamespace(json, "uts", uts);
        json.WriteEndArray();
    }

    private static void WriteNamespace(Utf8JsonWriter json, string type, string? path)
    {
        json.WriteStartObject();
        json.WriteString("type", type);
        if (path is not null) json.WriteString("path", path);
        json.WriteEndObject();
    }

    private static void WriteDevices(Utf8JsonWriter json, IReadOnlyList<ContainerDevice> devices)
    {
        json.WriteStartArray("devices");
        foreach (var device in devices)
        {
            json.WriteStartObject();
            json.WriteString("path", device.Path);
            json.WriteString("type", device.Type.ToString());
            json.WriteNumber("major", device.Major);
            json.WriteNumber("minor", device.Minor);
            json.WriteNumber("fileMode", device.Mode);
            json.WriteNumber("uid", 0);
            json.WriteNumber("gid", 0);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSeccomp(Utf8JsonWriter json, ContainerConfig config)
    {
        switch (config.Seccomp.Mode)
        {
            case SeccompMode.Unconfined:
                return;
            case SeccompMode.RuntimeDefault:
                json.WritePropertyName("seccomp");
                DefaultSeccompProfile.Write(json, config.Capabilities as IReadOnlyCollection<string>);
                return;
            case SeccompMode.Localhost:
                json.WritePropertyName("seccomp");

                // Parsed before it is passed on, so that a damaged profile stops the container here, by name.
                using (var profile = JsonDocument.Parse(File.ReadAllBytes(config.Seccomp.Path!))) profile.WriteTo(json);
                return;
            default:
                throw new InvalidOperationException($"The seccomp mode {config.Seccomp.Mode} has no meaning here.");
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IReadOnlyList<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteStringValue(value);
        json.WriteEndArray();
    }

    private static void WriteMap(Utf8JsonWriter json, string name, IReadOnlyDictionary<string, string> values)
    {
        json.WriteStartObject(name);
        foreach (var (key, value) in values) json.WriteString(key, value);
        json.WriteEndObject();
    }
}
