using System.Text.Json;

namespace ControlPlane.Agent.Bundles;

/// <summary>
/// Writes the default profile: calls in <see cref="SystemCalls"/> are allowed, all others fail with EPERM. Some depend on a capability the
/// container has, since the kernel then checks the call itself.
/// </summary>
internal static class DefaultSeccompProfile
{
    private const int EPERM = 1;
    private const int ENOSYS = 38;
    private const string Allow = "SCMP_ACT_ALLOW";

    // CLONE_NEWNS | NEWCGROUP | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET
    private const ulong NamespaceFlags = 0x7E020000;

    internal static void Write(Utf8JsonWriter json, IReadOnlyCollection<string> capabilities)
    {
        json.WriteStartObject();
        json.WriteString("defaultAction", "SCMP_ACT_ERRNO");
        json.WriteNumber("defaultErrnoRet", EPERM);
        json.WriteStartArray("architectures");
        foreach (var architecture in SystemCalls.Architectures) json.WriteStringValue(architecture);
        json.WriteEndArray();
        json.WriteStartArray("syscalls");
        WriteRule(json, Allow, SystemCalls.Always);
        foreach (var (capability, calls) in SystemCalls.ByCapability)
        {
            if (capabilities.Contains(capability)) WriteRule(json, Allow, calls);
        }

        if (!capabilities.Contains("CAP_SYS_ADMIN")) WriteCloneRules(json);
        foreach (var persona in SystemCalls.Personalities) WriteRule(json, Allow, ["personality"], new Argument(0, persona, "SCMP_CMP_EQ"));
        WriteSocketRules(json);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>Processes and threads, but no new namespaces. clone3 hides its flags from seccomp; ENOSYS makes C libraries fall back to clone.</summary>
    private static void WriteCloneRules(Utf8JsonWriter json)
    {
        WriteRule(json, Allow, ["clone"], new Argument(0, NamespaceFlags, "SCMP_CMP_MASKED_EQ"));
        WriteRule(json, "SCMP_ACT_ERRNO", ["clone3"], errno: ENOSYS);
    }

    /// <summary>Every address family but AF_ALG (38), a way into kernel code nobody needs, and AF_VSOCK (40), a way to the hypervisor.</summary>
    private static void WriteSocketRules(Utf8JsonWriter json)
    {
        WriteRule(json, Allow, ["socket"], new Argument(0, 38, "SCMP_CMP_LT"));
        WriteRule(json, Allow, ["socket"], new Argument(0, 39, "SCMP_CMP_EQ"));
        WriteRule(json, Allow, ["socket"], new Argument(0, 40, "SCMP_CMP_GT"));
    }

    private static void WriteRule(Utf8JsonWriter json, string action, IReadOnlyList<string> calls, Argument? argument = null, int? errno = null)
    {
        json.WriteStartObject();
        json.WriteStartArray("names");
        foreach (var call in calls) json.WriteStringValue(call);
        json.WriteEndArray();
        json.WriteString("action", action);
        if (errno is { } number) json.WriteNumber("errnoRet", number);
        if (argument is { } condition)
        {
            json.WriteStartArray("args");
            json.WriteStartObject();
            json.WriteNumber("index", condition.Index);
            json.WriteNumber("value", condition.Value);
            if (condition.Comparison == "SCMP_CMP_MASKED_EQ") json.WriteNumber("valueTwo", 0);
            json.WriteString("op", condition.Comparison);
            json.WriteEndObject();
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private readonly record struct Argument(int Index, ulong Value, string Comparison);
}
