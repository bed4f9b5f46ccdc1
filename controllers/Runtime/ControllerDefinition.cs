using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers;

/// <summary>A controller as it was described.</summary>
internal sealed record ControllerDefinition(
    string Name,
    IReadOnlyList<Watch> Watches,
    IReadOnlyList<ObjectKey> Initial,
    int Workers,
    Func<ControllerContext, IReconciler>? Reconciler,
    Func<ControllerContext, CancellationToken, Task>? Loop);

/// <summary>A kind that a controller watches.</summary>
/// <param name="Start">Subscribes: from then on every change adds keys.</param>
/// <param name="Use">Starts the cache.</param>
internal sealed record Watch(Func<ControllerContext, Action<ObjectKey>, IDisposable> Start, Action<ControllerContext> Use);
