using System.Security.Cryptography;
using System.Text;
using ControlPlane.Agent.Images.Oci;
using ControlPlane.Agent.Images.Unpacking;

namespace ControlPlane.Agent.Images.Store;

/// <summary>
/// Unpacked layers by chain id: a layer together with everything below it. Unpacking needs only the layer itself and
/// runs in parallel; what it takes from below (the mode and owner of directories its archive does not describe) is
/// added when it is committed, in order.
/// </summary>
internal sealed class LayerStore(StoreLayout layout, BlobStore blobs, UnpackLimits limits) : IDisposable
{
    private readonly SemaphoreSlim _slots = new(Math.Max(2, Environment.ProcessorCount));

    public static IReadOnlyList<Digest> ChainIds(IReadOnlyList<Digest> diffIds)
    {
        var chain = new Digest[diffIds.Count];
        for (var i = 0; i < chain.Length; i++)
            chain[i] = i == 0 ? diffIds[0] : Digest.FromHash(SHA256.HashData(Encoding.ASCII.GetBytes($"{chain[i - 1]} {diffIds[i]}")));
        return chain;
    }

    public bool Contains(Digest chainId) => Directory.Exists(layout.Layer(chainId));

    /// <summary>Unpacks a blob into a temporary directory and verifies the digest of what it inflates to.</summary>
    public async Task<PreparedLayer> PrepareAsync(Descriptor layer, Digest diffId, CancellationToken cancellation)
    {
        await _slots.WaitAsync(cancellation);
        try
        {
            return await Task.Run(() => Prepare(layer.ParsedDigest, diffId, cancellation), cancellation);
        }
        finally
        {
            _slots.Release();
        }
    }

    /// <summary>Moves the layer to its place on top of <paramref name="below"/> (uppermost first).</summary>
    public void Commit(PreparedLayer layer, Digest chainId, IReadOnlyList<Digest> below)
    {
        InheritMetadata(layer, below);
        try
        {
            Directory.Move(layer.Directory, layout.Layer(chainId));
        }
        catch (IOException) when (Contains(chainId))
        {
            // Another image with the same layers was faster; both are the same.
            TreeRemoval.Remove(layer.Directory);
        }
    }

    public static void Discard(PreparedLayer layer) => TreeRemoval.Remove(layer.Directory);

    public void Dispose() => _slots.Dispose();

    private PreparedLayer Prepare(Digest blob, Digest diffId, CancellationToken cancellation)
    {
        var directory = layout.NewTemporary();
        Directory.CreateDirectory(directory, (UnixFileMode)0b111_101_101);
        try
        {
            using var file = blobs.OpenRead(blob);
            using var tar = new DigestingStream(LayerCompression.Open(file), limits.AllowedBytes(file.Length) + limits.RatioFreeBytes);
            using var tree = new LayerTree(directory);
            var archive = new TarReader(tar);
            new LayerUnpacker(tree, limits, file.Length).Unpack(archive, cancellation);
            archive.Drain();
            var actual = tar.Finish();
            return actual == diffId
                ? new PreparedLayer(directory, [.. tree.ImplicitDirectories])
                : throw new InvalidImageException($"layer {blob} was refused: it unpacks to {actual}, the image promises {diffId}");
        }
        catch (InvalidDataException e)
        {
            TreeRemoval.Remove(directory);
            throw new InvalidImageException($"layer {blob} is not valid compressed data: {e.Message}", e);
        }
        catch
        {
            TreeRemoval.Remove(directory);
            throw;
        }
    }

    private void InheritMetadata(PreparedLayer layer, IReadOnlyList<Digest> below)
    {
        if (layer.ImplicitDirectories.Count == 0 || below.Count == 0)
            return;
        using var tree = new LayerTree(layer.Directory);
        var lowerTrees = below.Select(chainId => new LayerTree(layout.Layer(chainId))).ToList();
        try
        {
            foreach (var directory in layer.ImplicitDirectories)
                tree.CopyMetadata(directory, lowerTrees);
        }
        finally
        {
            lowerTrees.ForEach(lower => lower.Dispose());
        }
    }
}
