using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers;

/// <summary>A reconciler that finds keys by more than the declared watches, e.g. over kinds known only at run time.</summary>
public interface IKeySource
{
    /// <summary>Adds keys until cancelled; runs beside the workers. Its end by itself ends the process.</summary>
    Task FeedAsync(Action<ObjectKey> add, CancellationToken cancellationToken);
}
