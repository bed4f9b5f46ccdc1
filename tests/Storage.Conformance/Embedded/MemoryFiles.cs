using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded.Files;

namespace ControlPlane.Storage.Conformance.Embedded;

/// <summary>
/// A disk in memory that can lose power, space and bits. Written sectors and renamed names last only once synced; at a loss of power each
/// unsynced sector survives or not as the random number says, and the last one may be torn in the middle.
/// </summary>
internal sealed class MemoryFiles : IStoreFiles
{
    private const int Sector = 512;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Content> _names = new(StringComparer.Ordinal);
    private Dictionary<string, Content> _durableNames = new(StringComparer.Ordinal);
    private bool _off;

    /// <summary>Bytes that files may take together.</summary>
    public long Space { get; set; } = long.MaxValue;

    /// <summary>Makes the next sync fail.</summary>
    public bool FailSync { get; set; }

    /// <summary>How often data was synced.</summary>
    public int Syncs { get; private set; }

    /// <summary>Called before each sync, outside locks.</summary>
    public Action BeforeSync { get; set; } = () => { };

    public IReadOnlyList<string> List()
    {
        lock (_gate)
        {
            return [.. _names.Keys.Order(StringComparer.Ordinal)];
        }
    }

    public IStoreFile Create(string name)
    {
        lock (_gate)
        {
            return new Handle(this, name, _names[name] = new Content());
        }
    }

    public IStoreFile Open(string name)
    {
        lock (_gate)
        {
            return new Handle(this, name, _names[name]);
        }
    }

    public void Rename(string from, string to)
    {
        lock (_gate)
        {
            RequirePower();
            _names.Remove(from, out Content? content);
            _names[to] = content!;
        }
    }

    public void Delete(string name)
    {
        lock (_gate)
        {
            RequirePower();
            _names.Remove(name);
        }
    }

    public void SyncDirectory()
    {
        lock (_gate)
        {
            RequirePower();
            _durableNames = new Dictionary<string, Content>(_names, StringComparer.Ordinal);
        }
    }

    public string Describe(string name) => $"memory:{name}";

    public void Dispose()
    {
    }

    /// <summary>The disk as the next start finds it. This one does nothing any more.</summary>
    public MemoryFiles LosePower(Random random)
    {
        lock (_gate)
        {
            _off = true;
            var next = new MemoryFiles();
            // A directory not yet synced may be found before or after its changes.
            foreach ((string name, Content content) in random.Next(2) == 0 ? _names : _durableNames)
            {
                next._names[name] = content.AfterPowerLoss(random);
            }

            next.SyncDirectory();
            return next;
        }
    }

    /// <summary>The disk after the process was killed: all that was written is there.</summary>
    public MemoryFiles Kill()
    {
        lock (_gate)
        {
            _off = true;
            var next = new MemoryFiles();
            foreach ((string name, Content content) in _names)
            {
                next._names[name] = new Content { Bytes = [.. content.Bytes] };
            }

            next.SyncDirectory();
            return next;
        }
    }

    public byte[] Read(string name)
    {
        lock (_gate)
        {
            return [.. _names[name].Bytes];
        }
    }

    public void Replace(string name, byte[] bytes)
    {
        lock (_gate)
        {
            _names[name] = new Content { Bytes = bytes };
        }
    }

    private void RequirePower()
    {
        if (_off)
        {
            throw new IOException("no power");
        }
    }

    private sealed class Content
    {
        private readonly Dictionary<long, byte[]> _synced = [];

        public byte[] Bytes { get; set; } = [];

        /// <summary>Remembers what lies under a write until the next sync.</summary>
        public void Touch(long offset, int length)
        {
            for (long sector = offset / Sector; sector * Sector < offset + length; sector++)
            {
                _synced.TryAdd(sector, Bytes.AsSpan((int)(sector * Sector), (int)Math.Min(Sector, Bytes.Length - (sector * Sector))).ToArray());
            }
        }

        public void Sync() => _synced.Clear();

        public Content AfterPowerLoss(Random random)
        {
            byte[] bytes = [.. Bytes];
            int keep = random.Next(4);
            foreach ((long sector, byte[] before) in _synced)
            {
                if (keep == 0 || (keep == 1 && random.Next(2) == 0))
                {
                    before.CopyTo(bytes, sector * Sector);
                }
                else if (keep == 2)
                {
                    before.AsSpan(0, random.Next(before.Length + 1)).CopyTo(bytes.AsSpan((int)(sector * Sector)));
                }
            }

            return new Content { Bytes = bytes };
        }
    }

    private sealed class Handle(MemoryFiles disk, string name, Content content) : IStoreFile
    {
        public string Name { get; set; } = name;

        public long Length
        {
            get
            {
                lock (disk._gate)
                {
                    return content.Bytes.Length;
                }
            }
        }

        public void Write(long offset, ReadOnlySpan<byte> bytes)
        {
            lock (disk._gate)
            {
                disk.RequirePower();
                Grow(offset + bytes.Length);
                content.Touch(offset, bytes.Length);
                bytes.CopyTo(content.Bytes.AsSpan((int)offset));
            }
        }

        public int Read(long offset, Span<byte> bytes)
        {
            lock (disk._gate)
            {
                int length = (int)Math.Clamp(content.Bytes.Length - offset, 0, bytes.Length);
                content.Bytes.AsSpan((int)offset, length).CopyTo(bytes);
                return length;
            }
        }

        public void Allocate(long length)
        {
            lock (disk._gate)
            {
                disk.RequirePower();
                Grow(length);
            }
        }

        public void Sync()
        {
            disk.BeforeSync();
            lock (disk._gate)
            {
                disk.RequirePower();
                if (disk.FailSync)
                {
                    throw new IOException("the disk is broken");
                }

                disk.Syncs++;
                content.Sync();
            }
        }

        public void Dispose()
        {
        }

        private void Grow(long length)
        {
            if (length <= content.Bytes.Length)
            {
                return;
            }

            if (disk._names.Values.Sum(c => (long)c.Bytes.Length) - content.Bytes.Length + length > disk.Space)
            {
                throw new StoreException(StoreFault.NoSpace, "the disk is full");
            }

            byte[] grown = new byte[length];
            content.Bytes.CopyTo(grown, 0);
            content.Bytes = grown;
        }
    }
}
