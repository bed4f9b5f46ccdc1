using ControlPlane.Agent.Configuration;
using ControlPlane.Agent.Events;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Objects;
using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Pods;

/// <summary>Images for containers: pulls as the pod's policy and pull secrets say, and tells the user about it.</summary>
internal sealed class ImageSource(
    ImageStore store, ImagePuller puller, ImageDirectory directory, ConfigObjects objects, EventRecorder events, TimeProvider time)
{
    /// <exception cref="ImagePullException">It cannot be had.</exception>
    public async Task<LocalImage> EnsureAsync(Pod pod, Container container, CancellationToken cancellation)
    {
        var name = container.Image ?? "";
        var policy = Enum.TryParse<ImagePullPolicy>(container.ImagePullPolicy, out var given) ? given : (ImagePullPolicy?)null;

        // What is to be imported at start counts as present.
        await directory.FirstScan.WaitAsync(cancellation);
        if (IsPresent(name, policy))
        {
            events.Normal(pod, container.Name, "Pulled", $"Container image \"{name}\" already present on machine");
            return await puller.EnsureAsync(name, policy, null, null, cancellation);
        }

        if (policy != ImagePullPolicy.Never)
            events.Normal(pod, container.Name, "Pulling", $"Pulling image \"{name}\"");
        var began = time.GetTimestamp();
        var image = await puller.EnsureAsync(name, policy, (reference, token) => CredentialsAsync(pod, reference, token), null, cancellation);
        events.Normal(
            pod,
            container.Name,
            "Pulled",
            $"Successfully pulled image \"{name}\" in {time.GetElapsedTime(began).TotalSeconds:0.###}s. Image size: {image.Size} bytes.");
        return image;
    }

    private bool IsPresent(string name, ImagePullPolicy? policy) =>
        ImageReference.TryParse(name, out var reference, out _)
        && (policy ?? reference.DefaultPullPolicy) != ImagePullPolicy.Always
        && store.Resolve(reference) is not null;

    private async ValueTask<IReadOnlyList<RegistryCredentials>> CredentialsAsync(Pod pod, ImageReference reference, CancellationToken cancellation)
    {
        var names = (pod.Spec?.ImagePullSecrets ?? []).Select(s => s.Name).OfType<string>().ToHashSet();
        var sources = await objects.GetAsync(pod.Metadata.Namespace ?? "", new ConfigReferences(names, new HashSet<string>()), cancellation);
        var credentials = new List<RegistryCredentials>();
        foreach (var secret in sources.Secrets.Values)
        {
            if (!secret.Data.TryGetValue(".dockerconfigjson", out var json))
                continue;
            try
            {
                credentials.AddRange(DockerConfig.Parse(json).For(reference));
            }
            catch (FormatException e)
            {
                events.Warning(pod, null, "FailedToRetrieveImagePullSecret", $"imagePullSecret {secret.Metadata.Name}: {e.Message}");
            }
        }

        return credentials;
    }
}
