using System.Text.Json;
using ControlPlane.Agent.Images.Oci;
using ControlPlane.Agent.Images.Unpacking;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Images.Store;

/// <summary>Names to images, in memory and in images.json.</summary>
internal sealed partial class ImageIndex
{
    private const long MaxConfigBytes = 8 << 20;

    private readonly Lock _gate = new();
    private readonly StoreLayout _layout;
    private readonly BlobStore _blobs;

    // Guarded by _gate; the lists inside are never changed, only replaced.
    private readonly Dictionary<Digest, Entry> _images = [];
    private readonly Dictionary<string, Digest> _names = new(StringComparer.Ordinal);

    private ImageIndex(StoreLayout layout, BlobStore blobs)
    {
        _layout = layout;
        _blobs = blobs;
    }

    public IReadOnlyList<LocalImage> All
    {
        get
        {
            lock (_gate)
                return [.. _images.Values.Select(entry => entry.Image).OrderBy(image => image.References.FirstOrDefault(), StringComparer.Ordinal)];
        }
    }

    public IReadOnlyList<ImageRecord> Records
    {
        get
        {
            lock (_gate)
                return [.. _images.Values.Select(entry => entry.Record)];
        }
    }

    public static ImageIndex Load(StoreLayout layout, BlobStore blobs, LayerStore layers, ILogger log)
    {
        var index = new ImageIndex(layout, blobs);
        if (!File.Exists(layout.Index))
            return index;
        var file = OciJson.Read(File.ReadAllBytes(layout.Index), OciJson.Default.ImageIndexFile, layout.Index);
        if (file.Version != 1)
            throw new IOException($"{layout.Index} has version {file.Version}; this agent knows version 1");
        foreach (var record in file.Images)
        {
            if (record.Layers.All(layer => layers.Contains(Digest.Parse(layer.ChainId))) && blobs.Contains(Digest.Parse(record.Config)))
                index.Put(record);
            else
                Log.Incomplete(log, record.References.FirstOrDefault() ?? record.Manifest);
        }

        return index;
    }

    public LocalImage? Find(string name)
    {
        lock (_gate)
            return _names.TryGetValue(name, out var manifest) ? _images[manifest].Image : null;
    }

    public LocalImage Add(ImageRecord record)
    {
        lock (_gate)
        {
            foreach (var name in record.References)
                Detach(name);
            var manifest = Digest.Parse(record.Manifest);
            if (_images.TryGetValue(manifest, out var existing))
                record = record with { References = Ordered(existing.Record.References.Concat(record.References)) };
            else
                record = record with { References = Ordered(record.References) };
            Put(record);
            SaveLocked();
            return _images[manifest].Image;
        }
    }

    /// <summary>Adds a tag to the image known as <paramref name="pinned"/>; null when there is none.</summary>
    public LocalImage? Adopt(string? tag, string pinned)
    {
        lock (_gate)
        {
            if (!_names.TryGetValue(pinned, out var manifest))
                return null;
            if (tag is null || (_names.TryGetValue(tag, out var tagged) && tagged == manifest))
                return _images[manifest].Image;
            return Add(_images[manifest].Record with { References = [tag] });
        }
    }

    public bool Forget(string name)
    {
        lock (_gate)
        {
            if (!_names.TryGetValue(name, out var manifest))
                return false;
            Detach(name);
            // A digest name alone keeps no image that the user removed by its tag.
            if (_images.TryGetValue(manifest, out var entry) && entry.Record.References.All(reference => reference.Contains('@')))
                RemoveLocked(manifest);
            SaveLocked();
            return true;
        }
    }

    public void Remove(Digest manifest)
    {
        lock (_gate)
        {
            RemoveLocked(manifest);
            SaveLocked();
        }
    }

    /// <summary>Notes that the image is in use; written to disk with the next change.</summary>
    public void Touch(Digest manifest, DateTimeOffset now)
    {
        lock (_gate)
            if (_images.TryGetValue(manifest, out var entry))
                _images[manifest] = entry with { Record = entry.Record with { LastUsed = now } };
    }

    public void Save()
    {
        lock (_gate)
            SaveLocked();
    }

    private void Put(ImageRecord record)
    {
        var config = Digest.Parse(record.Config);
        var manifest = Digest.Parse(record.Manifest);
        var image = new LocalImage
        {
            Manifest = manifest,
            Id = config,
            References = record.References,
            Size = record.Size,
            Config = OciJson.Read(_blobs.ReadAll(config, MaxConfigBytes), OciJson.Default.ConfigFile, "the image's config").ToImageConfig(),
            LayerDirectories = [.. record.Layers.Reverse().Select(layer => _layout.Layer(Digest.Parse(layer.ChainId)))],
        };
        _images[manifest] = new Entry(record, image);
        foreach (var name in record.References)
            _names[name] = manifest;
    }

    // Caller holds _gate.
    private void Detach(string name)
    {
        if (!_names.Remove(name, out var manifest))
            return;
        var entry = _images[manifest];
        var rest = entry.Record.References.Where(reference => reference != name).ToList();
        _images[manifest] = new Entry(entry.Record with { References = rest }, entry.Image with { References = rest });
    }

    // Caller holds _gate.
    private void RemoveLocked(Digest manifest)
    {
        if (!_images.Remove(manifest, out var entry))
            return;
        foreach (var name in entry.Record.References)
            _names.Remove(name);
    }

    // Caller holds _gate. What the file is about to name must survive a power cut as well as the file itself.
    private void SaveLocked()
    {
        SyncFileSystem();
        var temporary = _layout.NewTemporary();
        using (var file = File.Create(temporary))
        {
            JsonSerializer.Serialize(
                file, new ImageIndexFile { Images = [.. _images.Values.Select(entry => entry.Record)] }, OciJson.Default.ImageIndexFile);
            file.Flush(flushToDisk: true);
        }

        File.Move(temporary, _layout.Index, overwrite: true);
    }

    private void SyncFileSystem()
    {
        var root = Native.openat(Native.AT_FDCWD, ByteString.FromText(_layout.Root), Native.O_DIRECTORY | Native.O_CLOEXEC, 0);
        Native.Check(root, "open", _layout.Root);
        try
        {
            Native.Check(Native.syncfs(root), "sync", _layout.Root);
        }
        finally
        {
            Native.close(root);
        }
    }

    private static string[] Ordered(IEnumerable<string> references) =>
        [.. references.Distinct(StringComparer.Ordinal).OrderBy(reference => reference.Contains('@'))];

    private sealed record Entry(ImageRecord Record, LocalImage Image);

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Warning, "Image {Image} is incomplete on disk and was forgotten; it will be pulled again")]
        public static partial void Incomplete(ILogger log, string image);
    }
}
