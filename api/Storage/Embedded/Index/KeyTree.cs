namespace ControlPlane.Api.Storage.Embedded.Index;

/// <summary>
/// An immutable B+ tree of entries in <see cref="KeyOrder"/>. Adding or removing a key copies one path; a reader that holds a tree
/// is never disturbed. Changing a key's value does not touch the tree at all.
/// </summary>
internal sealed class KeyTree
{
    private const int MaxFanOut = 32;

    public static readonly KeyTree Empty = new(new Leaf([]), 0);
    private readonly Node _root;

    private KeyTree(Node root, int count)
    {
        _root = root;
        Count = count;
    }

    public int Count { get; }

    public KeyEntry? Find(string key)
    {
        Node node = _root;
        while (node is Branch branch)
        {
            node = branch.Children[branch.ChildFor(key)];
        }

        KeyEntry[] entries = ((Leaf)node).Entries;
        int at = Search(entries, key);
        return at >= 0 ? entries[at] : null;
    }

    /// <summary>The tree with a key it does not have yet.</summary>
    public KeyTree Add(KeyEntry entry)
    {
        (Node left, Node? right) = _root.Add(entry);
        return new KeyTree(right is null ? left : new Branch([left, right]), Count + 1);
    }

    /// <summary>The tree without a key it has.</summary>
    public KeyTree Remove(string key)
    {
        Node? root = _root.Remove(key);
        while (root is Branch { Children.Length: 1 } branch)
        {
            root = branch.Children[0];
        }

        return root is null ? Empty : new KeyTree(root, Count - 1);
    }

    /// <summary>Entries from <paramref name="first"/> on, in order.</summary>
    public IEnumerable<KeyEntry> From(string first)
    {
        var path = new Stack<(Branch Branch, int Next)>();
        Node node = _root;
        while (node is Branch branch)
        {
            int child = branch.ChildFor(first);
            path.Push((branch, child + 1));
            node = branch.Children[child];
        }

        KeyEntry[] entries = ((Leaf)node).Entries;
        int at = Search(entries, first);
        at = at < 0 ? ~at : at;
        while (true)
        {
            for (; at < entries.Length; at++)
            {
                yield return entries[at];
            }

            if (NextLeaf(path) is not { } next)
            {
                yield break;
            }

            entries = next.Entries;
            at = 0;
        }
    }

    private static Leaf? NextLeaf(Stack<(Branch Branch, int Next)> path)
    {
        while (path.TryPop(out (Branch Branch, int Next) step))
        {
            if (step.Next == step.Branch.Children.Length)
            {
                continue;
            }

            path.Push((step.Branch, step.Next + 1));
            Node node = step.Branch.Children[step.Next];
            while (node is Branch branch)
            {
                path.Push((branch, 1));
                node = branch.Children[0];
            }

            return (Leaf)node;
        }

        return null;
    }

    private static int Search(KeyEntry[] entries, string key)
    {
        int low = 0;
        int high = entries.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >>> 1;
            int order = KeyOrder.Compare(entries[middle].Key, key);
            if (order == 0)
            {
                return middle;
            }

            if (order < 0)
            {
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return ~low;
    }

    private static T[] Inserted<T>(T[] items, int at, T item)
    {
        var copy = new T[items.Length + 1];
        items.AsSpan(0, at).CopyTo(copy);
        copy[at] = item;
        items.AsSpan(at).CopyTo(copy.AsSpan(at + 1));
        return copy;
    }

    private static T[] Removed<T>(T[] items, int at)
    {
        var copy = new T[items.Length - 1];
        items.AsSpan(0, at).CopyTo(copy);
        items.AsSpan(at + 1).CopyTo(copy.AsSpan(at));
        return copy;
    }

    private abstract class Node
    {
        /// <summary>A key not above any key below this node; exact when the node was made.</summary>
        public abstract string First { get; }

        public abstract (Node Left, Node? Right) Add(KeyEntry entry);

        /// <summary>Null when nothing is left.</summary>
        public abstract Node? Remove(string key);
    }

    private sealed class Leaf(KeyEntry[] entries) : Node
    {
        public KeyEntry[] Entries { get; } = entries;

        public override string First => Entries.Length == 0 ? "" : Entries[0].Key;

        public override (Node Left, Node? Right) Add(KeyEntry entry)
        {
            int at = ~Search(Entries, entry.Key);
            KeyEntry[] all = Inserted(Entries, at, entry);
            if (all.Length <= MaxFanOut)
            {
                return (new Leaf(all), null);
            }

            // Keys often arrive in ascending order; leaving the left leaf full then keeps the tree dense.
            int split = at == all.Length - 1 ? MaxFanOut : all.Length / 2;
            return (new Leaf(all[..split]), new Leaf(all[split..]));
        }

        public override Node? Remove(string key)
        {
            KeyEntry[] rest = Removed(Entries, Search(Entries, key));
            return rest.Length == 0 ? null : new Leaf(rest);
        }
    }

    private sealed class Branch : Node
    {
        private readonly string[] _firsts;

        public Branch(Node[] children)
        {
            Children = children;
            _firsts = new string[children.Length];
            for (int i = 0; i < children.Length; i++)
            {
                _firsts[i] = children[i].First;
            }
        }

        public Node[] Children { get; }

        public override string First => _firsts[0];

        public int ChildFor(string key)
        {
            int low = 1;
            int high = _firsts.Length - 1;
            while (low <= high)
            {
                int middle = (low + high) >>> 1;
                if (KeyOrder.Compare(_firsts[middle], key) <= 0)
                {
                    low = middle + 1;
                }
                else
                {
                    high = middle - 1;
                }
            }

            return low - 1;
        }

        public override (Node Left, Node? Right) Add(KeyEntry entry)
        {
            int at = ChildFor(entry.Key);
            (Node left, Node? right) = Children[at].Add(entry);
            if (right is null)
            {
                return (Replaced(at, left), null);
            }

            var copy = (Node[])Children.Clone();
            copy[at] = left;
            Node[] all = Inserted(copy, at + 1, right);
            if (all.Length <= MaxFanOut)
            {
                return (new Branch(all), null);
            }

            int split = at + 1 == all.Length - 1 ? MaxFanOut : all.Length / 2;
            return (new Branch(all[..split]), new Branch(all[split..]));
        }

        public override Node? Remove(string key)
        {
            int at = ChildFor(key);
            Node? child = Children[at].Remove(key);
            if (child is not null)
            {
                return Replaced(at, child);
            }

            return Children.Length == 1 ? null : new Branch(Removed(Children, at));
        }

        private Branch Replaced(int at, Node child)
        {
            var copy = (Node[])Children.Clone();
            copy[at] = child;
            return new Branch(copy);
        }
    }
}
