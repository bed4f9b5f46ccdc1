namespace ControlPlane.Api.Storage.Embedded.Index;

/// <summary>
/// All keys with their history. One writer changes it; readers need no lock: they fix a published revision first, take the tree
/// second, and see every key as it was at that revision. A read that history overtook meanwhile is noticed at its end and repeated.
/// </summary>
internal sealed class KeyIndex
{
    private KeyTree _tree = KeyTree.Empty;
    private long _published;
    private long _liveBytes;

    public History History { get; } = new();

    /// <summary>Everything up to here is durable and visible.</summary>
    public long Published => Volatile.Read(ref _published);

    public KeyTree Tree => Volatile.Read(ref _tree);

    /// <summary>Bytes of all current keys and values.</summary>
    public long LiveBytes => Volatile.Read(ref _liveBytes);

    /// <summary>The current value as the writer sees it. Writer only.</summary>
    public StoredValue? Current(string key) => _tree.Find(key)?.Head?.Value;

    /// <summary>A key as a snapshot had it. Writer only.</summary>
    public void Load(StoredValue value)
    {
        var entry = new KeyEntry(value.Key);
        entry.Head = new KeyVersion(entry, value.Revision.Value, value, null);
        _liveBytes += Size(value);
        Volatile.Write(ref _tree, _tree.Add(entry));
    }

    /// <summary>Makes a change part of the index, not yet visible. Writer only; revisions in order.</summary>
    public void Apply(string key, long revision, StoredValue? value)
    {
        KeyEntry? entry = _tree.Find(key);
        bool added = entry is null;
        entry ??= new KeyEntry(key);
        KeyVersion? previous = entry.Head;
        var version = new KeyVersion(entry, revision, value, previous);
        _liveBytes += Size(value) - Size(previous?.Value);
        entry.Head = version;
        if (added)
        {
            Volatile.Write(ref _tree, _tree.Add(entry));
        }

        History.Append(version);
    }

    /// <summary>Makes everything applied visible. Writer only.</summary>
    public void Publish(long revision) => Volatile.Write(ref _published, revision);

    /// <summary>Forgets a bounded slice of history up to a revision not above the floor. Writer only.</summary>
    public long Trim(long to, int count)
    {
        KeyTree tree = _tree;
        foreach (string key in History.Trim(to, count))
        {
            tree = tree.Remove(key);
        }

        Volatile.Write(ref _tree, tree);
        return History.Trimmed;
    }

    public StoredValue? Get(string key)
    {
        while (true)
        {
            long revision = Published;
            StoredValue? value = Tree.Find(key)?.At(revision)?.Value;
            if (revision >= History.Floor)
            {
                return value;
            }
        }
    }

    public RangePage Range(RangeQuery query)
    {
        while (true)
        {
            long published = Published;
            long revision = query.AtRevision?.Value ?? published;
            if (revision > published)
            {
                throw new StoreException(StoreFault.FutureRevision, $"Revision {revision} has not happened yet; the store is at {published}.")
                {
                    Boundary = new Revision(published),
                };
            }

            RangePage page = RangeAt(query, revision);
            long floor = History.Floor;
            if (revision >= floor)
            {
                return page;
            }

            if (query.AtRevision is not null)
            {
                throw Compacted(revision, floor);
            }
        }
    }

    public static StoreException Compacted(long revision, long floor) =>
        new(StoreFault.Compacted, $"History at revision {revision} is gone; it is kept from revision {floor} on.") { Boundary = new Revision(floor) };

    private RangePage RangeAt(RangeQuery query, long revision)
    {
        int limit = query.Limit > 0 ? query.Limit : int.MaxValue;
        bool continues = query.AfterKey is { } after && KeyOrder.Compare(after, query.Prefix) >= 0;
        var items = new List<StoredValue>();
        long remaining = 0;
        foreach (KeyEntry entry in Tree.From(continues ? query.AfterKey! : query.Prefix))
        {
            if (!entry.Key.StartsWith(query.Prefix, StringComparison.Ordinal))
            {
                break;
            }

            if ((continues && entry.Key == query.AfterKey) || entry.At(revision)?.Value is not { } value)
            {
                continue;
            }

            if (items.Count < limit)
            {
                items.Add(value);
            }
            else
            {
                remaining++;
            }
        }

        return new RangePage(items, new Revision(revision), remaining);
    }

    private static long Size(StoredValue? value) => value is null ? 0 : value.Key.Length + value.Value.Length;
}
