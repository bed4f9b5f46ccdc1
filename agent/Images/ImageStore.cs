using ControlPlane.Agent.Images.Archives;
using ControlPlane.Agent.Images.Oci;
using ControlPlane.Agent.Images.Store;
using ControlPlane.Agent.Images.Unpacking;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Images;

/// <summary>
/// The images on this machine: verified content by digest, layers unpacked once and shared, names pointing at them.
/// One process owns a store. What a crash interrupts leaves no trace: everything is renamed into place when complete,
/// and an image exists from the moment images.json names it.
/// </summary>
public sealed partial class ImageStore : IDisposable
{
    private readonly StoreLayout _layout;
    private readonly FileStream _lock;
    private readonly UseCounts _uses = new();
    private readonly LayerStore _layers;
    private readonly ImageIndex _index;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    private ImageStore(ImageStoreOptions options, StoreLayout layout, FileStream storeLock, TimeProvider time, ILogger log)
    {
        _layout = layout;
        _lock = storeLock;
        _time = time;
        _log = log;
        Blobs = new BlobStore(layout);
        _layers = new LayerStore(layout, Blobs, options.Limits);
        Assembler = new ImageAssembler(Blobs, _layers);
        TreeRemoval.Remove(layout.Temporary);
        Directory.CreateDirectory(layout.Temporary);
        _index = ImageIndex.Load(layout, Blobs, _layers, log);
        Collector = new GarbageCollector(layout, _index, _uses, time, log);
        Collector.Sweep();
    }

    internal BlobStore Blobs { get; }

    internal ImageAssembler Assembler { get; }

    internal GarbageCollector Collector { get; }

    /// <exception cref="IOException">Another process owns the store, or its files cannot be read.</exception>
    public static ImageStore Open(ImageStoreOptions options, TimeProvider time, ILogger<ImageStore> log)
    {
        var layout = new StoreLayout(options.Root);
        var storeLock = new FileStream(layout.Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        try
        {
            return new ImageStore(options, layout, storeLock, time, log);
        }
        catch
        {
            storeLock.Dispose();
            throw;
        }
    }

    public IReadOnlyList<LocalImage> List() => _index.All;

    /// <summary>The image a name stands for on this machine, or null. A name with a digest is found by the digest alone.</summary>
    public LocalImage? Resolve(ImageReference reference) =>
        _index.Find((reference.Digest is { } digest ? reference.AtDigest(digest) : reference).ToString());

    /// <summary>
    /// Adds the images of an OCI image-layout or "docker save" archive (tar, or tar.gz when the stream can seek).
    /// </summary>
    /// <param name="archive">Read to its end.</param>
    /// <param name="name">The image's name; null takes the names the archive itself gives.</param>
    /// <param name="cancellation">Ends the work; nothing is added.</param>
    /// <exception cref="InvalidImageException">The archive is broken, hostile, nameless or for another platform.</exception>
    public async Task<IReadOnlyList<LocalImage>> ImportAsync(Stream archive, ImageReference? name, CancellationToken cancellation)
    {
        using var use = BeginUse();
        var found = await Task.Run(() => ArchiveReader.Read(archive, Blobs, use, cancellation), cancellation);
        if (name is not null && found.Count != 1)
            throw new InvalidImageException($"the archive holds {found.Count} images; only an archive of one can be given a name");
        var images = new List<LocalImage>();
        foreach (var image in found)
        {
            var names = name is not null ? [name] : image.Names;
            if (names.Count == 0)
                throw new InvalidImageException("the archive does not name its image: pass a name for it");
            var record = await Assembler.AssembleAsync(image.Manifest, use, MissingFromArchive, cancellation);
            images.Add(Add(record, names, image.Manifest));
        }

        return images;
    }

    /// <summary>Keeps the image and its layers on this machine until the result is disposed.</summary>
    public IDisposable Hold(LocalImage image)
    {
        var use = _uses.Begin();
        use.Add(image.Manifest);
        _index.Touch(image.Manifest, _time.GetUtcNow());
        return use;
    }

    /// <summary>Forgets a name, and the image once it has none left and nothing holds it.</summary>
    public bool Remove(ImageReference reference)
    {
        var removed = _index.Forget(reference.ToString());
        Collector.Sweep();
        return removed;
    }

    /// <summary>Removes unused images as the policy says. Returns how many.</summary>
    public int Collect(GarbagePolicy policy) => Collector.Collect(policy);

    public void Dispose()
    {
        _index.Save();
        _layers.Dispose();
        _lock.Dispose();
    }

    internal UseCounts.Use BeginUse() => _uses.Begin();

    /// <summary>Makes an assembled image visible under its names.</summary>
    /// <param name="record">What was assembled.</param>
    /// <param name="names">Tags it gets; they leave the images that had them.</param>
    /// <param name="digests">The digests it was asked for by: its own, and that of the index it was chosen from.</param>
    internal LocalImage Add(ImageRecord record, IReadOnlyList<ImageReference> names, params ReadOnlySpan<Digest> digests)
    {
        var references = new List<string>();
        foreach (var name in names)
        {
            if (name.Digest is null)
                references.Add(name.ToString());
            foreach (var digest in digests)
                references.Add(name.AtDigest(digest).ToString());
        }

        var image = _index.Add(record with { References = references, LastUsed = _time.GetUtcNow() });
        Log.Added(_log, references[0], image.Id, image.LayerDirectories.Count, image.Size);
        return image;
    }

    /// <summary>Gives an image that is here a name it is also known by in its registry; null when it is not here.</summary>
    internal LocalImage? Adopt(ImageReference name, Digest digest)
    {
        using var use = BeginUse();
        use.Add(digest);
        return _index.Adopt(name.Digest is null ? name.ToString() : null, name.AtDigest(digest).ToString());
    }

    private static Task MissingFromArchive(Descriptor descriptor, CancellationToken cancellation) =>
        throw new InvalidImageException($"the archive lacks {descriptor.Digest}, which its manifest names");

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Image {Image} is on this node: id {Id}, {Layers} layers, {Size} bytes")]
        public static partial void Added(ILogger log, string image, Digest id, int layers, long size);
    }
}
