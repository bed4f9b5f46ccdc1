using System.Runtime.ExceptionServices;
using ControlPlane.Agent.Images.Oci;

namespace ControlPlane.Agent.Images.Store;

/// <summary>Turns a manifest into an unpacked image: fetches what is missing and unpacks layers while others still arrive.</summary>
internal sealed class ImageAssembler(BlobStore blobs, LayerStore layers)
{
    private const long MaxMetadataBytes = 8 << 20;

    /// <param name="fetch">Makes a blob present; called for several layers at once, and only for blobs that are missing.</param>
    public async Task<ImageRecord> AssembleAsync(
        Digest manifestDigest, UseCounts.Use use, Func<Descriptor, CancellationToken, Task> fetch, CancellationToken cancellation)
    {
        use.Add(manifestDigest);
        var manifest = OciJson.Read(blobs.ReadAll(manifestDigest, MaxMetadataBytes), OciJson.Default.Manifest, "the image's manifest");
        if (manifest.SchemaVersion != 2 || manifest.Config is not { } configDescriptor)
            throw new InvalidImageException("the manifest is not of an image (schema version 2 with a config is supported)");
        use.Add(configDescriptor.ParsedDigest);
        if (!blobs.Contains(configDescriptor.ParsedDigest))
            await fetch(configDescriptor, cancellation);
        var config = OciJson.Read(blobs.ReadAll(configDescriptor.ParsedDigest, MaxMetadataBytes), OciJson.Default.ConfigFile, "the image's config");
        var diffIds = Verify(manifest, config);
        var chainIds = LayerStore.ChainIds(diffIds);
        for (var i = 0; i < chainIds.Count; i++)
        {
            use.Add(chainIds[i]);
            use.Add(manifest.Layers[i].ParsedDigest);
        }

        await UnpackAsync(manifest, diffIds, chainIds, fetch, cancellation);
        return new ImageRecord
        {
            Manifest = manifestDigest.ToString(),
            Config = configDescriptor.Digest,
            Size = configDescriptor.Size + manifest.Layers.Sum(layer => layer.Size),
            References = [],
            Layers = [.. manifest.Layers.Select((layer, i) => new LayerRecord(layer.Digest, chainIds[i].ToString()))],
        };
    }

    private static List<Digest> Verify(Manifest manifest, ConfigFile config)
    {
        if (config.Os is not ("linux" or "") || (config.Architecture != PlatformSelection.Architecture && config.Architecture.Length > 0))
            throw new InvalidImageException(
                $"the image is for {config.Os}/{config.Architecture}; this node runs linux/{PlatformSelection.Architecture}");
        var diffIds = config.Rootfs?.DiffIds ?? [];
        if (diffIds.Count != manifest.Layers.Count || diffIds.Count == 0)
            throw new InvalidImageException($"the image's config names {diffIds.Count} layers, its manifest {manifest.Layers.Count}");
        return [.. diffIds.Select(id => Digest.TryParse(id, out var digest)
            ? digest
            : throw new InvalidImageException($"the image's config names a layer \"{id}\", which is not a sha256 digest"))];
    }

    private async Task UnpackAsync(
        Manifest manifest, List<Digest> diffIds, IReadOnlyList<Digest> chainIds,
        Func<Descriptor, CancellationToken, Task> fetch, CancellationToken cancellation)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        ExceptionDispatchInfo? failure = null;
        var preparations = chainIds.Select((chainId, i) => layers.Contains(chainId) ? null : PrepareAsync(i)).ToList();
        var committed = 0;
        try
        {
            for (; committed < preparations.Count; committed++)
                if (preparations[committed] is { } preparation)
                    layers.Commit(await preparation, chainIds[committed], [.. chainIds.Take(committed).Reverse()]);
        }
        catch (OperationCanceledException) when (failure is not null)
        {
            // A layer that was stopped because another one failed: that one's failure is the news.
            failure.Throw();
        }
        finally
        {
            await stop.CancelAsync();
            foreach (var rest in preparations.Skip(committed).OfType<Task<PreparedLayer>>())
            {
                await ((Task)rest).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (rest.IsCompletedSuccessfully)
                    LayerStore.Discard(rest.Result);
            }
        }

        async Task<PreparedLayer> PrepareAsync(int i)
        {
            try
            {
                var layer = manifest.Layers[i];
                if (!blobs.Contains(layer.ParsedDigest))
                    await fetch(layer, stop.Token);
                return await layers.PrepareAsync(layer, diffIds[i], stop.Token);
            }
            catch (Exception e) when (!stop.IsCancellationRequested)
            {
                Interlocked.CompareExchange(ref failure, ExceptionDispatchInfo.Capture(e), null);
                await stop.CancelAsync();
                throw;
            }
        }
    }
}
