namespace ControlPlane.Agent.Images.Store;

/// <summary>Content that garbage collection must leave alone: images in use, and what is being put together.</summary>
internal sealed class UseCounts
{
    private readonly Dictionary<Digest, int> _counts = [];

    /// <summary>Also guards collection: content is checked and taken out of the store while it is held.</summary>
    public Lock Gate { get; } = new();

    public bool InUse(Digest digest) => _counts.ContainsKey(digest);

    public Use Begin() => new(this);

    /// <summary>A set of marks that end together.</summary>
    internal sealed class Use(UseCounts counts) : IDisposable
    {
        private readonly List<Digest> _digests = [];

        public void Add(Digest digest)
        {
            lock (counts.Gate)
            {
                _digests.Add(digest);
                counts._counts[digest] = counts._counts.GetValueOrDefault(digest) + 1;
            }
        }

        public void Dispose()
        {
            lock (counts.Gate)
            {
                foreach (var digest in _digests)
                    if (--counts._counts[digest] == 0)
                        counts._counts.Remove(digest);
                _digests.Clear();
            }
        }
    }
}
