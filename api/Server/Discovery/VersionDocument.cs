using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Server.Discovery;

/// <summary>The answer of <c>/version</c>: the level of the Kubernetes API that is served, and what serves it.</summary>
internal static class VersionDocument
{
    public static Document Current { get; } = Document.Of(new JsonObject
    {
        ["major"] = "1",
        ["minor"] = "32",
        // Clients parse this as a semantic version.
        ["gitVersion"] = "v1.32.0+controlplane." + (typeof(VersionDocument).Assembly.GetName().Version?.ToString(3) ?? "0.0.0"),
        ["gitCommit"] = typeof(VersionDocument).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+').ElementAtOrDefault(1) ?? "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = File.GetLastWriteTimeUtc(typeof(VersionDocument).Assembly.Location).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'"),
        ["goVersion"] = "n/a",
        ["compiler"] = "dotnet",
        ["platform"] = $"linux/{(RuntimeInformation.ProcessArchitecture == Architecture.X64 ? "amd64" : RuntimeInformation.ProcessArchitecture.ToString().ToLowerInvariant())}",
    });
}
