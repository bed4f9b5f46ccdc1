using System.Text.Json;

namespace ControlPlane.Agent.Bundles;

/// <summary>Writes the resources part of a runtime specification; the runtime translates it to version 1 or 2 of cgroups.</summary>
internal static class ResourcesWriter
{
    internal static void Write(Utf8JsonWriter json, ContainerConfig config)
    {
        var resources = config.Resources;
        json.WriteStartObject("resources");
        WriteDeviceRules(json, config);
        WriteCpu(json, resources);
        if (resources.MemoryBytes is { } memory)
        {
            json.WriteStartObject("memory");
            json.WriteNumber("limit", memory);

            // Memory and swap together: no swap, so that a limit means the same on every node.
            json.WriteNumber("swap", memory);
            json.WriteEndObject();
        }

        if (resources.Pids is { } pids)
        {
            json.WriteStartObject("pids");
            json.WriteNumber("limit", pids);
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    /// <summary>Nothing, then what is named; the runtime adds the harmless standard devices (null, zero, random, tty and so on).</summary>
    private static void WriteDeviceRules(Utf8JsonWriter json, ContainerConfig config)
    {
        json.WriteStartArray("devices");
        json.WriteStartObject();
        json.WriteBoolean("allow", config.Privileged);
        json.WriteString("access", "rwm");
        json.WriteEndObject();
        foreach (var device in config.Devices)
        {
            json.WriteStartObject();
            json.WriteBoolean("allow", true);
            json.WriteString("type", device.Type.ToString());
            json.WriteNumber("major", device.Major);
            json.WriteNumber("minor", device.Minor);
            json.WriteString("access", device.Access);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteCpu(Utf8JsonWriter json, ContainerResources resources)
    {
        if (resources is { CpuShares: null, CpuQuotaMicroseconds: null, Cpus: null }) return;
        json.WriteStartObject("cpu");
        if (resources.CpuShares is { } shares) json.WriteNumber("shares", shares);
        if (resources.CpuQuotaMicroseconds is { } quota)
        {
            json.WriteNumber("quota", quota);
            json.WriteNumber("period", resources.CpuPeriodMicroseconds);
        }

        if (resources.Cpus is { } cpus) json.WriteString("cpus", cpus);
        json.WriteEndObject();
    }
}
