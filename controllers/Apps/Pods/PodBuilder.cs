using System.Globalization;
using System.Text.Json;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Values;
using ControlPlane.Controllers.Apps.Rollout;

namespace ControlPlane.Controllers.Apps.Pods;

/// <summary>Turns an app's spec into the pod of one instance. The same arguments always make the same pod.</summary>
/// <param name="app">The app.</param>
/// <param name="spec">Its spec at the revision that the instance runs.</param>
/// <param name="revision">Hash of that revision.</param>
internal sealed class PodBuilder(App app, AppSpec spec, string revision)
{
    private const long Mebibyte = 1 << 20;

    /// <summary>The pod of an instance.</summary>
    /// <param name="index">Its index within the revision.</param>
    /// <param name="failures">How many pods in a row have failed in its place.</param>
    public Pod Build(int index, int failures)
    {
        var files = FileMounts.Of(spec);
        return new Pod
        {
            Metadata = new ObjectMeta
            {
                Name = NameOf(index),
                Namespace = app.Metadata.Namespace,
                Labels = Labels(index),
                Annotations = Annotations(failures),
                OwnerReferences = [app.AsController()],
            },
            Spec = new PodSpec
            {
                Containers = [Container(index, files)],
                Volumes = files.Volumes,
                RestartPolicy = "Always",
                TerminationGracePeriodSeconds = spec.TaskKillGracePeriodSeconds ?? 5,
                ImagePullSecrets = [.. spec.ImagePullSecrets.Select(static name => new LocalObjectReference { Name = name })],
            },
        };
    }

    /// <summary>Name of the pod with an index.</summary>
    public string NameOf(int index) => string.Create(CultureInfo.InvariantCulture, $"{app.Metadata.Name}-{revision}-{index}");

    private Dictionary<string, string> Labels(int index)
    {
        var labels = new Dictionary<string, string>(spec.Labels, StringComparer.Ordinal)
        {
            [WellKnownLabels.App] = app.Metadata.Name!,
            [WellKnownLabels.Revision] = revision,
            [WellKnownLabels.Index] = index.ToString(CultureInfo.InvariantCulture),
        };
        if (app.Metadata.Labels.TryGetValue(WellKnownLabels.Group, out var group))
            labels[WellKnownLabels.Group] = group;
        return labels;
    }

    private Dictionary<string, string> Annotations(int failures)
    {
        var annotations = new Dictionary<string, string>(StringComparer.Ordinal) { [WellKnownAnnotations.Backoff] = LaunchBackoff.Of(spec).ToString() };
        if (failures > 0)
            annotations[WellKnownAnnotations.Failures] = failures.ToString(CultureInfo.InvariantCulture);
        if (spec.Constraints.Count > 0)
            annotations[WellKnownAnnotations.Constraints] = JsonSerializer.Serialize(spec.Constraints, ApiJson.Options);
        return annotations;
    }

    private Container Container(int index, FileMounts files)
    {
        var amounts = new Dictionary<string, Quantity>
        {
            ["cpu"] = Quantity.FromMilli((long)Math.Ceiling((decimal)(spec.Cpus ?? 1) * 1000)),
            ["memory"] = Quantity.FromBytes((spec.Mem ?? 128) * Mebibyte),
        };
        var probes = Probes.Of(spec);
        return new Container
        {
            Name = app.Metadata.Name!,
            Image = spec.Image,
            ImagePullPolicy = spec.ImagePullPolicy,
            Command = spec.Cmd is { } cmd ? ["/bin/sh", "-c", cmd] : spec.Args,
            Ports = [.. spec.Ports.Select(static port => new ContainerPort { Name = port.Name, ContainerPortNumber = port.ContainerPort, HostPort = port.HostPort, Protocol = port.Protocol })],
            Env = Variables.Of(app, spec, revision, index),
            Resources = new ResourceRequirements { Requests = amounts, Limits = amounts },
            VolumeMounts = files.Mounts,
            StartupProbe = probes.Startup,
            LivenessProbe = probes.Liveness,
            ReadinessProbe = probes.Readiness,
            SecurityContext = User(),
            // The reason of a crash is worth more than an empty file.
            TerminationMessagePolicy = "FallbackToLogsOnError",
        };
    }

    private SecurityContext? User()
    {
        if (spec.User?.Split(':') is not { } ids)
            return null;
        return new SecurityContext
        {
            RunAsUser = long.Parse(ids[0], CultureInfo.InvariantCulture),
            RunAsGroup = ids.Length > 1 ? long.Parse(ids[1], CultureInfo.InvariantCulture) : null,
        };
    }
}
