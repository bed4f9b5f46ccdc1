using ControlPlane.Api.Client;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.GarbageCollection.Namespaces;

/// <summary>The service account <c>default</c> and the ConfigMap <c>kube-root-ca.crt</c> of every namespace.</summary>
internal sealed class NamespaceDefaults(ControllerContext context)
{
    private const string AccountName = "default";
    private const string RootCertificate = "kube-root-ca.crt";
    private const string CertificateKey = "ca.crt";

    private readonly IApiClient _client = context.Client;
    private readonly string? _authority = context.Config.CertificateAuthorityPem;
    private readonly ObjectCache<ServiceAccount> _accounts = new();
    private readonly ObjectCache<ConfigMap> _certificates = new();

    /// <summary>Watches just these objects, so that one that is deleted or changed comes back.</summary>
    public async Task WatchAsync(Action<ObjectKey> add, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var accounts = _accounts.Subscribe(change => Announce(change, add));
        using var certificates = _certificates.Subscribe(change => Announce(change, add));
        var loops = new[] { Mirror(_accounts, AccountName, stop.Token), Mirror(_certificates, RootCertificate, stop.Token) };
        await Task.WhenAny(loops);
        await stop.CancelAsync();
        await Task.WhenAll(loops);
    }

    public async Task EnsureAsync(string @namespace, CancellationToken cancellationToken)
    {
        await Task.WhenAll(_accounts.Synced, _certificates.Synced).WaitAsync(cancellationToken);
        var place = new ObjectMeta { Namespace = @namespace };
        if (_accounts.Find(new ObjectKey(@namespace, AccountName)) is null)
            await CreateAsync(new ServiceAccount { Metadata = place with { Name = AccountName } }, cancellationToken);
        if (_authority is not null)
            await EnsureCertificateAsync(place with { Name = RootCertificate }, _authority, cancellationToken);
    }

    private async Task EnsureCertificateAsync(ObjectMeta place, string authority, CancellationToken cancellationToken)
    {
        var wanted = new ConfigMap { Metadata = place, Data = new Dictionary<string, string> { [CertificateKey] = authority } };
        var present = _certificates.Find(ObjectKey.Of(wanted));
        if (present is null)
            await CreateAsync(wanted, cancellationToken);
        else if (present.Data.GetValueOrDefault(CertificateKey) != authority)
            await _client.UpdateAsync(present with { Data = wanted.Data }, cancellationToken);
    }

    private async Task CreateAsync<T>(T item, CancellationToken cancellationToken) where T : Resource
    {
        try
        {
            await _client.CreateAsync(item, cancellationToken);
        }
        catch (ApiException e) when (e.IsAlreadyExists || e.IsNotFound || e.IsNamespaceTerminating)
        {
            // The cache lags behind, or the namespace is on its way out; in both cases there is nothing left to do.
        }
    }

    private Task Mirror<T>(ObjectCache<T> cache, string name, CancellationToken cancellationToken) where T : Resource
    {
        var options = new ReflectorOptions { FieldSelector = "metadata.name=" + name };
        return new Reflector<T>(_client, ResourceInfo.Of<T>(), cache, options, context.Time, context.Logger<Reflector<T>>()).RunAsync(cancellationToken);
    }

    // Only what is gone or different needs a look; what is new is what was wanted.
    private static void Announce<T>(CacheChange<T> change, Action<ObjectKey> add) where T : Resource
    {
        if (change.Old is { } old)
            add(new ObjectKey("", old.Metadata.Namespace ?? ""));
    }
}
