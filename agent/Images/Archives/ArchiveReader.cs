using System.Text.Json;
using ControlPlane.Agent.Images.Oci;
using ControlPlane.Agent.Images.Store;
using ControlPlane.Agent.Images.Unpacking;

namespace ControlPlane.Agent.Images.Archives;

/// <summary>
/// Reads an image archive in one pass: files become blobs as they come by, under the digest they really have; only the
/// two small directories (index.json, manifest.json) are kept in memory.
/// </summary>
internal sealed class ArchiveReader
{
    private const int MaxDirectoryBytes = 4 << 20;
    private const int MaxEntries = 100_000;

    private readonly BlobStore _blobs;
    private readonly UseCounts.Use _use;
    private readonly Dictionary<string, Digest> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private byte[]? _index;
    private byte[]? _dockerManifest;

    private ArchiveReader(BlobStore blobs, UseCounts.Use use)
    {
        _blobs = blobs;
        _use = use;
    }

    public static List<ArchivedImage> Read(Stream archive, BlobStore blobs, UseCounts.Use use, CancellationToken cancellation)
    {
        var reader = new ArchiveReader(blobs, use);
        try
        {
            using var inflated = archive.CanSeek ? LayerCompression.Open(archive) : null;
            reader.ReadEntries(new TarReader(inflated ?? archive), cancellation);
        }
        catch (InvalidDataException e)
        {
            throw new InvalidImageException($"the archive is not valid compressed data: {e.Message}", e);
        }

        return reader.Images();
    }

    private void ReadEntries(TarReader tar, CancellationToken cancellation)
    {
        for (var entries = 0; tar.Next() is { } entry; entries++)
        {
            cancellation.ThrowIfCancellationRequested();
            if (entries > MaxEntries)
                throw new InvalidImageException($"the archive has more than {MaxEntries} entries");
            var path = LayerPath.Parse(entry.Name).Full;
            switch (entry.Kind)
            {
                case TarEntryKind.File when path == "index.json":
                    _index = ReadSmall(tar, entry);
                    break;
                case TarEntryKind.File when path == "manifest.json":
                    _dockerManifest = ReadSmall(tar, entry);
                    break;
                case TarEntryKind.File:
                    _files[path] = ReadBlob(tar, path);
                    break;
                // "docker save" once linked a layer that an image has twice.
                case TarEntryKind.SymbolicLink or TarEntryKind.HardLink:
                    _links[path] = LinkedPath(entry, path);
                    break;
            }
        }
    }

    private Digest ReadBlob(TarReader tar, string path)
    {
        using var writer = _blobs.BeginWrite();
        for (var data = tar.ReadData(); !data.IsEmpty; data = tar.ReadData())
            writer.Write(data);
        var digest = writer.Digest;
        const string blobPrefix = "blobs/sha256/";
        if (path.StartsWith(blobPrefix, StringComparison.Ordinal) && digest.Hex != path[blobPrefix.Length..])
            throw new InvalidImageException($"the archive was refused: {path} has the digest {digest}");
        // Marked before it can be seen, so that no collection comes between.
        _use.Add(digest);
        writer.Commit(digest, null);
        return digest;
    }

    private static byte[] ReadSmall(TarReader tar, TarEntry entry)
    {
        if (entry.Size > MaxDirectoryBytes)
            throw new InvalidImageException($"the archive's {entry.Name} has {entry.Size} bytes; at most {MaxDirectoryBytes} are accepted");
        using var content = new MemoryStream((int)entry.Size);
        for (var data = tar.ReadData(); !data.IsEmpty; data = tar.ReadData())
            content.Write(data);
        return content.ToArray();
    }

    private static string LinkedPath(TarEntry entry, string path)
    {
        if (entry.Kind == TarEntryKind.HardLink)
            return LayerPath.Parse(entry.LinkTarget).Full;
        var resolved = Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(path) ?? "", entry.LinkTarget));
        return resolved.TrimStart('/');
    }

    private List<ArchivedImage> Images()
    {
        var images = _index is not null ? OciImages(_index) : _dockerManifest is not null ? DockerImages(_dockerManifest) : null;
        if (images is null)
            throw new InvalidImageException("the archive has neither index.json nor manifest.json: it is no image archive");
        return images.Count > 0 ? images : throw new InvalidImageException(
            $"the archive has no image for linux/{PlatformSelection.Architecture}");
    }

    private List<ArchivedImage> OciImages(byte[] json)
    {
        var images = new Dictionary<Digest, List<ImageReference>>();
        foreach (var descriptor in OciJson.Read(json, OciJson.Default.ManifestIndex, "the archive's index.json").Manifests)
        {
            // Other platforms and attestations lie beside the images.
            if (descriptor.Platform is { } platform && (platform.Os != "linux" || platform.Architecture != PlatformSelection.Architecture))
                continue;
            var manifest = MediaTypes.IsIndex(descriptor.MediaType)
                ? PlatformSelection.Select(Json(descriptor.ParsedDigest, OciJson.Default.ManifestIndex), "the archive").ParsedDigest
                : descriptor.ParsedDigest;
            if (!images.TryGetValue(manifest, out var names))
                images[manifest] = names = [];
            if (AnnotatedName(descriptor) is { } name)
                names.Add(name);
        }

        return [.. images.Select(image => new ArchivedImage(image.Key, image.Value))];
    }

    private static ImageReference? AnnotatedName(Descriptor descriptor)
    {
        var annotations = descriptor.Annotations ?? new Dictionary<string, string>();
        if (annotations.TryGetValue("io.containerd.image.name", out var full))
            return ParseName(full);
        // Of the OCI annotation some tools make a whole name, others only the tag, which says nothing without a name.
        return annotations.TryGetValue("org.opencontainers.image.ref.name", out var name) && name.AsSpan().ContainsAny('/', ':')
            ? ParseName(name)
            : null;
    }

    private List<ArchivedImage> DockerImages(byte[] json)
    {
        var images = new List<ArchivedImage>();
        foreach (var entry in OciJson.Read(json, OciJson.Default.ListDockerArchiveEntry, "the archive's manifest.json"))
        {
            var manifest = new Manifest
            {
                SchemaVersion = 2,
                MediaType = MediaTypes.OciManifest,
                Config = Descriptor(entry.Config, MediaTypes.OciConfig),
                Layers = [.. entry.Layers.Select(layer => Descriptor(layer, MediaTypes.OciLayerTar))],
            };
            var content = JsonSerializer.SerializeToUtf8Bytes(manifest, OciJson.Default.Manifest);
            _use.Add(Digest.Of(content));
            images.Add(new ArchivedImage(_blobs.Add(content), [.. (entry.RepoTags ?? []).Select(ParseName)]));
        }

        return images;
    }

    private Descriptor Descriptor(string path, string mediaType)
    {
        var file = LayerPath.Parse(ByteString.FromText(path)).Full;
        for (var hops = 0; hops < 8 && _links.TryGetValue(file, out var target); hops++)
            file = target;
        if (!_files.TryGetValue(file, out var digest))
            throw new InvalidImageException($"the archive lacks {path}, which its manifest.json names");
        using var blob = _blobs.OpenRead(digest);
        return new Descriptor { MediaType = mediaType, Digest = digest.ToString(), Size = blob.Length };
    }

    private T Json<T>(Digest digest, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        if (!_blobs.Contains(digest))
            throw new InvalidImageException($"the archive lacks {digest}, which its index names");
        return OciJson.Read(_blobs.ReadAll(digest, MaxDirectoryBytes), type, $"{digest}");
    }

    private static ImageReference ParseName(string name) => ImageReference.TryParse(name, out var reference, out var problem)
        ? reference
        : throw new InvalidImageException($"the archive names its image badly: {problem}");
}
