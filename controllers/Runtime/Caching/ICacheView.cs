using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Caching;

/// <summary>How far a cache is, whatever it holds.</summary>
internal interface ICacheView
{
    Task Synced { get; }

    Task WaitForAsync(string resourceVersion, CancellationToken cancellationToken);

    Task WaitForAbsenceAsync(ObjectKey key, string uid, CancellationToken cancellationToken);
}
