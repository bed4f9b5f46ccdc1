using System.Text;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>A file of a volume.</summary>
/// <param name="Path">Relative, without "..".</param>
/// <param name="Content">Its bytes.</param>
/// <param name="Mode">Permission bits.</param>
internal sealed record VolumeFile(string Path, ReadOnlyMemory<byte> Content, UnixFileMode Mode);

/// <summary>Which files a Secret or ConfigMap becomes in a volume.</summary>
internal static class VolumeFiles
{
    private const int DefaultMode = 420;

    /// <exception cref="ContainerConfigException">The Secret, or a key of it, is missing.</exception>
    public static IReadOnlyList<VolumeFile> Of(string volume, SecretVolumeSource source, ConfigSources sources) =>
        Project(
            volume,
            $"secret {source.SecretName}",
            sources.Secret(source.SecretName, source.Optional)?.Data.ToDictionary(d => d.Key, d => (ReadOnlyMemory<byte>)d.Value),
            source.Items,
            source.DefaultMode,
            source.Optional);

    /// <exception cref="ContainerConfigException">The ConfigMap, or a key of it, is missing.</exception>
    public static IReadOnlyList<VolumeFile> Of(string volume, ConfigMapVolumeSource source, ConfigSources sources)
    {
        Dictionary<string, ReadOnlyMemory<byte>>? data = null;
        if (sources.ConfigMap(source.Name, source.Optional) is { } configMap)
        {
            data = configMap.BinaryData.ToDictionary(d => d.Key, d => (ReadOnlyMemory<byte>)d.Value);
            foreach (var (key, text) in configMap.Data)
                data[key] = Encoding.UTF8.GetBytes(text);
        }

        return Project(volume, $"configmap {source.Name}", data, source.Items, source.DefaultMode, source.Optional);
    }

    private static List<VolumeFile> Project(
        string volume,
        string what,
        Dictionary<string, ReadOnlyMemory<byte>>? data,
        IReadOnlyList<KeyToPath> items,
        int? defaultMode,
        bool? optional)
    {
        var mode = (UnixFileMode)(defaultMode ?? DefaultMode);
        var files = new List<VolumeFile>();
        if (data is null)
            return files;
        if (items.Count == 0)
        {
            files.AddRange(data.Select(d => new VolumeFile(Checked(d.Key, volume), d.Value, mode)));
            return files;
        }

        foreach (var item in items)
        {
            if (data.TryGetValue(item.Key, out var content))
                files.Add(new VolumeFile(Checked(item.Path, volume), content, item.Mode is { } own ? (UnixFileMode)own : mode));
            else if (optional != true)
                throw new ContainerConfigException($"volume \"{volume}\": couldn't find key {item.Key} in {what}");
        }

        return files;
    }

    private static string Checked(string path, string volume) =>
        path.Length > 0 && path[0] != '/' && path.Split('/').All(part => part is not ("" or "." or "..") && !part.StartsWith("..", StringComparison.Ordinal))
            ? path
            : throw new ContainerConfigException($"volume \"{volume}\": the path \"{path}\" must be relative and stay within the volume");
}
