using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>The metadata of all objects of one kind.</summary>
internal sealed class ResourceMonitor
{
    private readonly ObjectCache<PartialObjectMetadata> _cache = new(Trim);
    private readonly ObjectIndex<PartialObjectMetadata> _byUid;
    private readonly ObjectIndex<PartialObjectMetadata> _byOwner;

    public ResourceMonitor(ResourceInfo resource)
    {
        Resource = resource;
        _byUid = _cache.IndexBy("uid", static item => [item.Metadata.Uid ?? ""]);
        _byOwner = _cache.IndexBy("any-owner", static item => item.Metadata.OwnerReferences.Select(static o => o.Uid).Distinct());
    }

    public ResourceInfo Resource { get; }

    public bool IsSynced => _cache.Synced.IsCompletedSuccessfully;

    public Task Synced => _cache.Synced;

    public ObservedObject? Find(string uid) => _byUid[uid] is [var item, ..] ? Observed(item) : null;

    public IEnumerable<ObservedObject> DependentsOf(string uid) => _byOwner[uid].Select(Observed);

    public IDisposable Subscribe(Action<CacheChange<PartialObjectMetadata>> subscriber) => _cache.Subscribe(subscriber);

    public Reflector<PartialObjectMetadata> Reflector(ControllerContext context) =>
        new(context.Client, Resource, _cache, new ReflectorOptions(), context.Time, context.Logger<Reflector<PartialObjectMetadata>>());

    private ObservedObject Observed(PartialObjectMetadata item) => new(Resource, item.Metadata);

    // Every object of the cluster is held here: keep only what decides.
    private static PartialObjectMetadata Trim(PartialObjectMetadata item) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = item.Metadata.Name,
            Namespace = item.Metadata.Namespace,
            Uid = item.Metadata.Uid,
            ResourceVersion = item.Metadata.ResourceVersion,
            DeletionTimestamp = item.Metadata.DeletionTimestamp,
            OwnerReferences = item.Metadata.OwnerReferences,
            Finalizers = item.Metadata.Finalizers,
        },
    };
}
