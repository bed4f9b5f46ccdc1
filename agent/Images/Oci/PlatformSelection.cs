using System.Runtime.InteropServices;

namespace ControlPlane.Agent.Images.Oci;

internal static class PlatformSelection
{
    public static string Architecture { get; } = RuntimeInformation.OSArchitecture switch
    {
        System.Runtime.InteropServices.Architecture.X64 => "amd64",
        System.Runtime.InteropServices.Architecture.Arm64 => "arm64",
        System.Runtime.InteropServices.Architecture.Arm => "arm",
        var other => other.ToString().ToLowerInvariant(),
    };

    /// <summary>The entry for this machine. An entry that names no platform is taken only when nothing else can be meant.</summary>
    public static Descriptor Select(ManifestIndex index, string image)
    {
        foreach (var manifest in index.Manifests)
            if (manifest.Platform is { Os: "linux" } platform && platform.Architecture == Architecture)
                return manifest;
        if (index.Manifests is [{ Platform: null } only])
            return only;
        var offered = string.Join(", ", index.Manifests.Select(m => m.Platform is { } p ? $"{p.Os}/{p.Architecture}" : "unknown"));
        throw new InvalidImageException($"{image} has no image for linux/{Architecture}; it offers: {offered}");
    }
}
