using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers;

/// <summary>What a controller watches and how it acts.</summary>
public sealed class ControllerBuilder
{
    private readonly List<Watch> _watches = [];
    private readonly List<ObjectKey> _initial = [];
    private ResourceInfo? _primary;
    private Func<ControllerContext, IReconciler>? _reconciler;
    private Func<ControllerContext, CancellationToken, Task>? _loop;
    private int _workers = 4;

    internal ControllerBuilder(string name) => Name = name;

    /// <summary>Name of the controller.</summary>
    public string Name { get; }

    /// <summary>The kind whose objects are reconciled: each change reconciles the changed object.</summary>
    public ControllerBuilder For<T>() where T : Resource
    {
        _primary = ResourceInfo.Of<T>();
        return Watches<T>(static item => [ObjectKey.Of(item)]);
    }

    /// <summary>A kind whose objects the reconciled ones own: each change reconciles the controlling owner. Comes after <see cref="For{T}"/>.</summary>
    public ControllerBuilder Owns<T>() where T : Resource
    {
        var primary = _primary ?? throw new InvalidOperationException("Owns comes after For.");
        return Watches<T>(item => item.ControllingOwner() is { } owner && owner.Kind == primary.Kind && GroupOf(owner.ApiVersion) == primary.Group
            ? [new ObjectKey(primary.IsNamespaced ? item.Metadata.Namespace ?? "" : "", owner.Name)]
            : []);
    }

    /// <summary>Another kind: each change reconciles the keys computed from the object before and after it.</summary>
    public ControllerBuilder Watches<T>(Func<T, IEnumerable<ObjectKey>> keys) where T : Resource => Watches<T>((item, _) => keys(item));

    /// <summary>Another kind, with the caches at hand to compute keys.</summary>
    public ControllerBuilder Watches<T>(Func<T, ControllerContext, IEnumerable<ObjectKey>> keys) where T : Resource
    {
        _watches.Add(new Watch((context, add) =>
        {
            void Map(T? item)
            {
                if (item is null)
                    return;
                foreach (var key in keys(item, context))
                    add(key);
            }
            return context.Cache<T>().Subscribe(change =>
            {
                Map(change.Old);
                Map(change.New);
            });
        }, context => context.Cache<T>()));
        return this;
    }

    /// <summary>A key to reconcile at the start even if no object leads to it; for controllers that look at everything at once.</summary>
    public ControllerBuilder StartsWith(ObjectKey key)
    {
        _initial.Add(key);
        return this;
    }

    /// <summary>How many keys are reconciled at once; 4 unless said.</summary>
    public ControllerBuilder Workers(int count)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        _workers = count;
        return this;
    }

    /// <summary>Makes the reconciler. Called for every term of leadership, so that none starts with another's memory. Disposed at its end.</summary>
    public ControllerBuilder Reconciles(Func<ControllerContext, IReconciler> create)
    {
        _reconciler = create;
        return this;
    }

    /// <summary>Instead of a reconciler: a loop that runs while this process leads. Its end by itself ends the process.</summary>
    public ControllerBuilder Runs(Func<ControllerContext, CancellationToken, Task> loop)
    {
        _loop = loop;
        return this;
    }

    internal ControllerDefinition Build()
    {
        if ((_reconciler is null) == (_loop is null))
            throw new InvalidOperationException($"Controller {Name} needs one of Reconciles and Runs.");
        return new ControllerDefinition(Name, _watches, _initial, _workers, _reconciler, _loop);
    }

    private static string GroupOf(string apiVersion) => apiVersion.IndexOf('/', StringComparison.Ordinal) is > 0 and var slash ? apiVersion[..slash] : "";
}
