using System.Diagnostics.CodeAnalysis;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>A set of paths, as a tree. The elements of a path are written as in <c>fieldsV1</c>: <c>f:spec</c> a field,
/// <c>k:{"name":"c"}</c> an item of a map list, <c>v:"x"</c> a value of a set, <c>i:0</c> a position. A node belongs to the set when
/// <see cref="IsMember"/>; a node that does not is only on the way to one that does.</summary>
public sealed class FieldSet
{
    private Dictionary<string, FieldSet>? _children;

    /// <summary>Whether the path that leads here is in the set. Meaningless for the root, which no path leads to.</summary>
    public bool IsMember { get; private set; }

    public bool HasChildren => _children is { Count: > 0 };

    public bool IsEmpty => !IsMember && !HasChildren;

    internal IReadOnlyDictionary<string, FieldSet> Children => _children ?? (IReadOnlyDictionary<string, FieldSet>)None;

    private static readonly Dictionary<string, FieldSet> None = [];

    internal static FieldSet Member() => new() { IsMember = true };

    public bool TryGetChild(string element, [NotNullWhen(true)] out FieldSet? child)
    {
        child = null;
        return _children is not null && _children.TryGetValue(element, out child);
    }

    /// <summary>Every path of the set, in order.</summary>
    public IEnumerable<FieldPathText> Paths() => Paths([]);

    public static FieldSet Union(FieldSet left, FieldSet right)
    {
        if (left.IsEmpty)
            return right;
        if (right.IsEmpty || ReferenceEquals(left, right))
            return left;
        var result = new FieldSet { IsMember = left.IsMember || right.IsMember };
        foreach (var (element, child) in left.Children)
            result.Attach(element, right.TryGetChild(element, out var other) ? Union(child, other) : child);
        foreach (var (element, child) in right.Children)
        {
            if (!left.TryGetChild(element, out _))
                result.Attach(element, child);
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
        if (IsMember != other.IsMember || Children.Count != other.Children.Count)
            return false;
        foreach (var (element, child) in Children)
        {
            if (!other.TryGetChild(element, out var counterpart) || !child.SetEquals(counterpart))
                return false;
        }
        return true;
    }

    internal FieldSet Copy()
    {
        var copy = new FieldSet { IsMember = IsMember };
        foreach (var (element, child) in Children)
            copy.Attach(element, child);
        return copy;
    }

    // Sets are built bottom-up by their makers and never changed afterwards, which lets set operations share subtrees.
    internal void Join() => IsMember = true;

    internal void Attach(string element, FieldSet child) => (_children ??= new(StringComparer.Ordinal))[element] = child;

    internal void AttachUnlessEmpty(string element, FieldSet? child)
    {
        if (child is { IsEmpty: false })
            Attach(element, child);
    }

    internal IEnumerable<string> OrderedElements() => Children.Keys.Order(StringComparer.Ordinal);

    private IEnumerable<FieldPathText> Paths(List<string> trail)
    {
        if (IsMember && trail.Count > 0)
            yield return new FieldPathText([.. trail]);
        foreach (var element in OrderedElements())
        {
            trail.Add(element);
            foreach (var path in _children![element].Paths(trail))
                yield return path;
            trail.RemoveAt(trail.Count - 1);
        }
    }
}
