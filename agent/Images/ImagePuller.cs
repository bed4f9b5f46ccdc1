using ControlPlane.Agent.Images.Oci;
using ControlPlane.Agent.Images.Registry;
using ControlPlane.Agent.Images.Store;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Images;

/// <summary>Makes images present: from the store, or from their registry. Equal requests share one pull.</summary>
public sealed partial class ImagePuller(ImageStore store, TimeProvider time, ILogger<ImagePuller> log) : IDisposable
{
    private const int ParallelDownloads = 4;

    private static readonly RegistryCredentials?[] Anonymous = [null];

    private readonly RegistryHttp _http = new();
    private readonly SingleFlight<string, LocalImage> _pulls = new();
    private readonly SingleFlight<Digest, Digest> _downloads = new();

    /// <param name="image">The name as the user wrote it.</param>
    /// <param name="policy">Null takes the name's default: Always for ":latest", else IfNotPresent.</param>
    /// <param name="credentials">Null pulls anonymously.</param>
    /// <param name="progress">Called from download threads; whoever joins a running pull gets no reports.</param>
    /// <param name="cancellation">Gives up waiting; the pull ends when nobody waits for it.</param>
    /// <exception cref="ImagePullException">The image is not here; the exception says why and what to do.</exception>
    public async Task<LocalImage> EnsureAsync(
        string image, ImagePullPolicy? policy, CredentialProvider? credentials, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        if (!ImageReference.TryParse(image, out var reference, out var problem))
            throw new ImagePullException(ImagePullFailure.InvalidImageName, problem);
        var effective = policy ?? reference.DefaultPullPolicy;
        if (effective != ImagePullPolicy.Always && store.Resolve(reference) is { } present)
            return present;
        if (effective == ImagePullPolicy.Never)
            throw new ImagePullException(
                ImagePullFailure.NeverPull,
                $"{reference} is not on this node and imagePullPolicy is Never: import it, or use IfNotPresent");

        var candidates = credentials is null ? [] : await credentials(reference, cancellation);
        // Pulls with other credentials are other pulls: who may not see an image does not get it by waiting beside one who may.
        var key = string.Join('\n', candidates.Select(c => $"{c.Username}\n{c.Password}").Prepend(reference.ToString()));
        return await _pulls.RunAsync(key, token => PullAsync(reference, candidates, progress, token), cancellation);
    }

    public void Dispose() => _http.Dispose();

    private async Task<LocalImage> PullAsync(
        ImageReference reference, IReadOnlyList<RegistryCredentials> candidates, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        var started = time.GetTimestamp();
        var attempts = candidates.Count == 0 ? Anonymous : [.. candidates];
        try
        {
            for (var i = 0; ; i++)
            {
                try
                {
                    var image = await PullAsync(reference, attempts[i], progress, cancellation);
                    Log.Pulled(log, reference, image.Manifest, image.Size, time.GetElapsedTime(started).TotalMilliseconds);
                    return image;
                }
                catch (ImagePullException e) when (e.Failure == ImagePullFailure.Unauthorized && i + 1 < attempts.Length)
                {
                    Log.TryingNext(log, reference, e.Message);
                }
            }
        }
        catch (InvalidImageException e)
        {
            throw new ImagePullException(ImagePullFailure.InvalidImage, $"{reference}: {e.Message}", e);
        }
        catch (Exception e) when (RegistryClient.IsTransient(e))
        {
            throw new ImagePullException(
                ImagePullFailure.RegistryUnavailable,
                $"{reference}: {reference.Registry} cannot be reached: {e.Message}; check the name, the network and the registry", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ImagePullException(ImagePullFailure.Storage, $"{reference}: this node cannot store it: {e.Message}", e);
        }
    }

    private async Task<LocalImage> PullAsync(
        ImageReference reference, RegistryCredentials? credentials, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        var client = new RegistryClient(_http, reference, credentials, time);
        if (await client.HeadManifestAsync(cancellation) is { } current && store.Adopt(reference, current) is { } unchanged)
            return unchanged;

        var named = await client.GetManifestAsync(reference.ManifestName, cancellation);
        var chosen = named;
        if (IsIndex(named))
        {
            var index = OciJson.Read(named.Content, OciJson.Default.ManifestIndex, "the image's index");
            chosen = await client.GetManifestAsync(PlatformSelection.Select(index, reference.ToString()).ParsedDigest.ToString(), cancellation);
        }

        using var use = store.BeginUse();
        use.Add(chosen.Digest);
        store.Blobs.Add(chosen.Content);
        var record = await FetchAsync(client, chosen, use, progress, cancellation);
        return store.Add(record, [reference], named.Digest, chosen.Digest);
    }

    private async Task<ImageRecord> FetchAsync(
        RegistryClient client, RegistryManifest chosen, UseCounts.Use use, IProgress<PullProgress>? progress, CancellationToken cancellation)
    {
        var manifest = OciJson.Read(chosen.Content, OciJson.Default.Manifest, "the image's manifest");
        var tracker = new PullTracker(manifest, manifest.Layers.Where(layer => store.Blobs.Contains(layer.ParsedDigest)), progress);
        using var slots = new SemaphoreSlim(ParallelDownloads);
        return await store.Assembler.AssembleAsync(chosen.Digest, use, FetchBlobAsync, cancellation);

        async Task FetchBlobAsync(Descriptor blob, CancellationToken token)
        {
            if (blob.Size is < 0 or > 64L << 30)
                throw new InvalidImageException($"{blob.Digest} has an impossible size of {blob.Size} bytes");
            await slots.WaitAsync(token);
            try
            {
                var isLayer = manifest.Layers.Contains(blob);
                await _downloads.RunAsync(
                    blob.ParsedDigest,
                    async flight =>
                    {
                        if (!store.Blobs.Contains(blob.ParsedDigest))
                            await client.DownloadAsync(blob, store.Blobs, isLayer ? tracker.Received : _ => { }, flight);
                        return blob.ParsedDigest;
                    },
                    token);
                if (isLayer)
                    tracker.LayerDone();
            }
            finally
            {
                slots.Release();
            }
        }
    }

    private static bool IsIndex(RegistryManifest manifest)
    {
        if (MediaTypes.IsIndex(manifest.MediaType))
            return true;
        // Registries that serve everything as plain JSON leave the type to the document.
        var index = OciJson.Read(manifest.Content, OciJson.Default.ManifestIndex, "the image's manifest");
        return MediaTypes.IsIndex(index.MediaType) || index.Manifests.Count > 0;
    }

    private static partial class Log
    {
        [LoggerMessage(40, LogLevel.Information, "Pulled {Image} ({Digest}, {Size} bytes) in {Milliseconds:0} ms")]
        public static partial void Pulled(ILogger log, ImageReference image, Digest digest, long size, double milliseconds);

        [LoggerMessage(41, LogLevel.Information, "{Image}: {Problem}; trying the next pull secret")]
        public static partial void TryingNext(ILogger log, ImageReference image, string problem);
    }
}
