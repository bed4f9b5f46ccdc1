using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>A set of paths, as a tree. The elements of a path are written as in <c>fieldsV1</c>: <c>f:spec</c> a field,
/// <c>k:{"name":"c"}</c> an item of a map list, <c>v:"x"</c> a value of a set, <c>i:0</c> a position. A node belongs to the set when
/// <see cref="IsMember"/>; a node that does not is only on the way to one that does.</summary>
public sealed class FieldSet
{
    /// <summary>The node of a path with nothing below: shared, since most nodes are leaves.</summary>
    internal static readonly FieldSet Leaf = new() { IsMember = true };

    // Ordered by element once read; makers append in any order. An array of pairs, because thousands of small sets live at once and a
    // dictionary would be ten times their size.
    private Child[] _children = [];
    private int _count;
    private bool _isOrdered = true;

    /// <summary>Whether the path that leads here is in the set. Meaningless for the root, which no path leads to.</summary>
    public bool IsMember { get; private set; }

    public bool HasChildren => _count > 0;

    public bool IsEmpty => !IsMember && _count == 0;

    /// <summary>Ordered by element.</summary>
    internal ReadOnlySpan<Child> Children
    {
        get
        {
            if (!_isOrdered)
                Order();
            return _children.AsSpan(0, _count);
        }
    }

    public bool TryGetChild(string element, [NotNullWhen(true)] out FieldSet? child)
    {
        var children = Children;
        var index = children.BinarySearch(new Child(element, Leaf));
        child = index < 0 ? null : children[index].Node;
        return child is not null;
    }

    /// <summary>Every path of the set, in order.</summary>
    public IEnumerable<FieldPathText> Paths()
    {
        var found = new List<FieldPathText>();
        Collect([], found);
        return found;
    }

    public static FieldSet Union(FieldSet left, FieldSet right)
    {
        if (left.IsEmpty || ReferenceEquals(left, right))
            return right;
        if (right.IsEmpty)
            return left;
        var result = new FieldSet { IsMember = left.IsMember || right.IsMember };
        var a = left.Children;
        var b = right.Children;
        while (!a.IsEmpty || !b.IsEmpty)
        {
            var order = a.IsEmpty ? 1 : b.IsEmpty ? -1 : string.CompareOrdinal(a[0].Element, b[0].Element);
            result.Attach(order > 0 ? b[0].Element : a[0].Element, order == 0 ? Union(a[0].Node, b[0].Node) : order < 0 ? a[0].Node : b[0].Node);
            a = order <= 0 ? a[1..] : a;
            b = order >= 0 ? b[1..] : b;
        }
        return result;
    }

    /// <summary>The paths of the first set that are not paths of the second. Paths below a removed one stay.</summary>
    public static FieldSet Difference(FieldSet from, FieldSet removed)
    {
        if (removed.IsEmpty)
            return from;
        var result = new FieldSet { IsMember = from.IsMember && !removed.IsMember };
        foreach (var (element, child) in from.Children)
            result.AttachUnlessEmpty(element, removed.TryGetChild(element, out var other) ? Difference(child, other) : child);
        return result;
    }

    public static FieldSet Intersection(FieldSet left, FieldSet right)
    {
        var result = new FieldSet { IsMember = left.IsMember && right.IsMember };
        foreach (var (element, child) in left.Children)
        {
            if (right.TryGetChild(element, out var other))
                result.AttachUnlessEmpty(element, Intersection(child, other));
        }
        return result;
    }

    public bool SetEquals(FieldSet other)
    {
        var a = Children;
        var b = other.Children;
        if (IsMember != other.IsMember || a.Length != b.Length)
            return false;
        for (var i = 0; i < a.Length; i++)
        {
            if (a[i].Element != b[i].Element || !a[i].Node.SetEquals(b[i].Node))
                return false;
        }
        return true;
    }

    internal FieldSet Copy() => new() { IsMember = IsMember, _children = Children.ToArray(), _count = _count };

    // Sets are built bottom-up by their makers and never changed afterwards, which lets set operations share subtrees.
    internal void Join()
    {
        if (!IsMember)
            IsMember = true;
    }

    /// <summary>Adds a child; of two with the same element the later counts.</summary>
    internal void Attach(string element, FieldSet child)
    {
        if (_count == _children.Length)
            Array.Resize(ref _children, _count == 0 ? 2 : _count * 2);
        _isOrdered &= _count == 0 || string.CompareOrdinal(_children[_count - 1].Element, element) < 0;
        _children[_count++] = new Child(element, child);
    }

    internal void AttachUnlessEmpty(string element, FieldSet? child)
    {
        if (child is { IsEmpty: false })
            Attach(element, child);
    }

    private void Order()
    {
        var ordered = _children.AsSpan(0, _count).ToArray();
        var positions = new int[_count];
        for (var i = 0; i < positions.Length; i++)
            positions[i] = i;
        Array.Sort(positions, (x, y) => ordered[x].CompareTo(ordered[y]) is var order && order != 0 ? order : x - y);
        var count = 0;
        foreach (var position in positions)
        {
            if (count > 0 && _children[count - 1].Element == ordered[position].Element)
                count--;
            _children[count++] = ordered[position];
        }
        _count = count;
        _isOrdered = true;
    }

    private void Collect(List<string> trail, List<FieldPathText> found)
    {
        if (IsMember && trail.Count > 0)
            found.Add(new FieldPathText([.. trail]));
        foreach (var (element, child) in Children)
        {
            trail.Add(element);
            child.Collect(trail, found);
            trail.RemoveAt(trail.Count - 1);
        }
    }

    internal readonly record struct Child(string Element, FieldSet Node) : IComparable<Child>
    {
        public int CompareTo(Child other) => string.CompareOrdinal(Element, other.Element);
    }
}
