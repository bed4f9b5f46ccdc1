using ControlPlane.Agent.Images.Unpacking;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Images.Store;

/// <summary>Removes images nobody uses, then content no image refers to.</summary>
internal sealed partial class GarbageCollector(StoreLayout layout, ImageIndex index, UseCounts uses, TimeProvider time, ILogger log)
{
    private static readonly TimeSpan PartialLifetime = TimeSpan.FromDays(1);

    public int Collect(GarbagePolicy policy)
    {
        var removed = 0;
        foreach (var record in Candidates(policy))
        {
            var tooOld = policy.MaximumAge is { } maximum && time.GetUtcNow() - record.LastUsed > maximum;
            var goal = removed == 0 ? policy.HighThresholdPercent : policy.LowThresholdPercent;
            if (!tooOld && UsedPercent() < goal)
                break;
            if (!RemoveUnlessInUse(record))
                continue;
            removed++;
            Log.Removed(log, record.References.FirstOrDefault() ?? record.Manifest, record.LastUsed);
            Sweep();
        }

        RemoveOldPartials();
        return removed;
    }

    /// <summary>Removes blobs and layers that belong to no image and are not being worked on.</summary>
    public void Sweep()
    {
        var doomed = new List<string>();
        lock (uses.Gate)
        {
            var blobs = new HashSet<string>(StringComparer.Ordinal);
            var chains = new HashSet<string>(StringComparer.Ordinal);
            foreach (var record in index.Records)
            {
                blobs.Add(Digest.Parse(record.Manifest).Hex);
                blobs.Add(Digest.Parse(record.Config).Hex);
                foreach (var layer in record.Layers)
                {
                    blobs.Add(Digest.Parse(layer.Blob).Hex);
                    chains.Add(Digest.Parse(layer.ChainId).Hex);
                }
            }

            // Renamed while the gate is held, so that nobody finds content that is about to go; removed after.
            foreach (var path in Unreferenced(layout.Blobs, blobs).Concat(Unreferenced(layout.Layers, chains)))
            {
                var grave = layout.NewTemporary();
                Directory.Move(path, grave);
                doomed.Add(grave);
            }
        }

        doomed.ForEach(TreeRemoval.Remove);
    }

    private IEnumerable<ImageRecord> Candidates(GarbagePolicy policy) =>
        index.Records.Where(record => time.GetUtcNow() - record.LastUsed >= policy.MinimumAge).OrderBy(record => record.LastUsed);

    private bool RemoveUnlessInUse(ImageRecord record)
    {
        lock (uses.Gate)
        {
            var manifest = Digest.Parse(record.Manifest);
            if (uses.InUse(manifest))
                return false;
            index.Remove(manifest);
            return true;
        }
    }

    private List<string> Unreferenced(string directory, HashSet<string> referenced) =>
        [.. Directory.EnumerateFileSystemEntries(directory).Where(path =>
            Path.GetFileName(path) is var name && !referenced.Contains(name)
            && !(Digest.TryParse("sha256:" + name, out var digest) && uses.InUse(digest)))];

    private double UsedPercent()
    {
        var disk = new DriveInfo(layout.Root);
        return 100.0 * (disk.TotalSize - disk.AvailableFreeSpace) / disk.TotalSize;
    }

    private void RemoveOldPartials()
    {
        foreach (var file in new DirectoryInfo(layout.Partial).EnumerateFiles())
            if (time.GetUtcNow() - file.LastWriteTimeUtc > PartialLifetime)
                file.Delete();
    }

    private static partial class Log
    {
        [LoggerMessage(20, LogLevel.Information, "Image {Image} was removed: unused since {LastUsed}")]
        public static partial void Removed(ILogger log, string image, DateTimeOffset lastUsed);
    }
}
