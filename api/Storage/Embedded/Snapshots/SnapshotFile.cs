using System.Buffers.Binary;
using System.Globalization;
using ControlPlane.Api.Storage.Embedded.Commit;
using ControlPlane.Api.Storage.Embedded.Files;
using ControlPlane.Api.Storage.Embedded.Index;
using ControlPlane.Api.Storage.Embedded.Log;

namespace ControlPlane.Api.Storage.Embedded.Snapshots;

/// <summary>
/// All keys as they were at one revision, in the log's frames (salt <see cref="Salt"/>, sequence from 1, the snapshot's revision as first
/// revision). Each change is preceded by the i64 revision of its write. The last frame has no changes and holds the i64 number of keys.
/// A snapshot gets its name only when it is whole and synced, so a bad one is always damage.
/// </summary>
internal static class SnapshotFile
{
    private const string Prefix = "snapshot-";
    private const string Unfinished = "unfinished-snapshot";
    private const ulong Salt = 0x3130504E535043; // "CPSNP01"
    private const int ChunkBytes = 512 * 1024;

    /// <summary>Writes the snapshot of a revision that history still covers, replacing older ones. Returns keys and bytes.</summary>
    public static (int Keys, long Bytes) Write(IStoreFiles files, KeyTree tree, long revision, List<Expiry> expiries)
    {
        var deadlines = expiries.ToDictionary(e => (e.Key, e.Revision), e => e.Deadline);
        var frame = new FrameBuffer();
        ulong sequence = 0;
        long offset = 0;
        int keys = 0;
        string name = Prefix + revision.ToString("x16", CultureInfo.InvariantCulture);
        using (IStoreFile file = files.Create(Unfinished))
        {
            foreach (KeyEntry entry in tree.From(""))
            {
                if (entry.At(revision)?.Value is not { } value)
                {
                    continue;
                }

                frame.Add(value.Revision.Value);
                frame.Add(new LogChange(value.Key, value.Value, deadlines.GetValueOrDefault((value.Key, value.Revision.Value))));
                keys++;
                if (frame.FrameLength >= ChunkBytes)
                {
                    Flush(file);
                }
            }

            if (frame.Changes > 0)
            {
                Flush(file);
            }

            frame.Add(keys);
            Flush(file);
            file.Sync();
        }

        files.Rename(Unfinished, name);
        files.SyncDirectory();
        foreach (string older in Names(files).Where(n => n != name))
        {
            files.Delete(older);
        }

        return (keys, offset);

        void Flush(IStoreFile file)
        {
            ReadOnlySpan<byte> bytes = frame.Seal(Salt, ++sequence, revision, 0);
            file.Write(offset, bytes);
            offset += bytes.Length;
            frame.Clear();
        }
    }

    /// <summary>Hands over every key with its deadline and returns the snapshot's revision; 0 when there is none.</summary>
    public static long Load(IStoreFiles files, Action<StoredValue, long> load)
    {
        if (files.List().Contains(Unfinished))
        {
            files.Delete(Unfinished);
        }

        if (Names(files).Max(StringComparer.Ordinal) is not { } name)
        {
            return 0;
        }

        long revision = long.Parse(name.AsSpan(Prefix.Length), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
        using IStoreFile file = files.Open(name);
        long offset = 0;
        long keys = 0;
        for (ulong sequence = 1; ; sequence++)
        {
            byte[] bytes = ReadFrame(files, file, offset);
            if (!LogFrame.TryRead(bytes, Salt, out LogFrame frame) || frame.Sequence != sequence || frame.FirstRevision != revision)
            {
                throw Corruption.At(files, name, offset, "the snapshot is damaged");
            }

            ReadOnlySpan<byte> payload = bytes.AsSpan(LogFrame.HeaderLength, frame.PayloadLength);
            if (frame.Changes == 0)
            {
                return BinaryPrimitives.ReadInt64LittleEndian(payload) == keys ? revision : throw Corruption.At(files, name, offset, "keys are missing");
            }

            LoadChunk(payload, frame.Changes, load);
            keys += frame.Changes;
            offset += frame.Length;
        }
    }

    private static void LoadChunk(ReadOnlySpan<byte> payload, int count, Action<StoredValue, long> load)
    {
        for (int i = 0; i < count; i++)
        {
            long written = BinaryPrimitives.ReadInt64LittleEndian(payload);
            if (!LogChange.TryRead(payload[sizeof(long)..], out LogChange change, out int length) || change.Value is not { } value)
            {
                throw new StoreException(StoreFault.Corrupt, "A snapshot's frame is intact but does not parse: it was written by another version.");
            }

            load(new StoredValue(change.Key, value, new Revision(written)), change.Deadline);
            payload = payload[(sizeof(long) + length)..];
        }
    }

    private static byte[] ReadFrame(IStoreFiles files, IStoreFile file, long offset)
    {
        Span<byte> header = stackalloc byte[LogFrame.HeaderLength];
        if (file.Read(offset, header) < header.Length)
        {
            throw Corruption.At(files, file.Name, offset, "the snapshot ends too early");
        }

        long length = LogFrame.HeaderLength + (long)BinaryPrimitives.ReadUInt32LittleEndian(header[4..]) + 7;
        var bytes = new byte[Math.Min(length, file.Length - offset)];
        return file.Read(offset, bytes) == bytes.Length ? bytes : throw Corruption.At(files, file.Name, offset, "the snapshot ends too early");
    }

    private static IEnumerable<string> Names(IStoreFiles files) => files.List().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal));
}
