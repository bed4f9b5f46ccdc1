using System.Globalization;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps.Pods;

/// <summary>Secrets and configs that an instance sees as files: a folder with a file for each key, or one file.</summary>
/// <param name="Volumes">Volumes of the pod.</param>
/// <param name="Mounts">Where they are.</param>
internal sealed record FileMounts(IReadOnlyList<Volume> Volumes, IReadOnlyList<VolumeMount> Mounts)
{
    public static FileMounts Of(AppSpec spec)
    {
        var volumes = new List<Volume>();
        var mounts = new List<VolumeMount>();
        Add(spec.Secrets, "secret", static (name, source, items) => new Volume { Name = name, Secret = new SecretVolumeSource { SecretName = source, Items = items } });
        Add(spec.Configs, "config", static (name, source, items) => new Volume { Name = name, ConfigMap = new ConfigMapVolumeSource { Name = source, Items = items } });
        return new FileMounts(volumes, mounts);

        void Add(IReadOnlyDictionary<string, ValueSource> sources, string prefix, Func<string, string, IReadOnlyList<KeyToPath>, Volume> volume)
        {
            var index = 0;
            foreach (var (_, source) in sources.OrderBy(static pair => pair.Key, StringComparer.Ordinal))
            {
                if (source.Path is not { } path)
                    continue;
                var name = string.Create(CultureInfo.InvariantCulture, $"{prefix}-{index++}");
                var file = source.Key is null ? null : path[(path.LastIndexOf('/') + 1)..];
                volumes.Add(volume(name, source.Source, file is null ? [] : [new KeyToPath { Key = source.Key!, Path = file }]));
                mounts.Add(new VolumeMount { Name = name, MountPath = path, ReadOnly = true, SubPath = file });
            }
        }
    }
}
