using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers;

/// <summary>
/// Makes the world match one object. Level-triggered: it is told which object to look at, never what happened,
/// reads the present state from caches and acts on the difference. Never runs for the same key twice at once.
/// </summary>
public interface IReconciler
{
    /// <summary>Looks at one object, which may be gone, and acts.</summary>
    /// <param name="key">Which.</param>
    /// <param name="cancellationToken">Fires when leadership is lost or the process stops.</param>
    /// <returns>
    /// <see cref="ReconcileResult.Done"/>: nothing to do until something changes.
    /// <see cref="ReconcileResult.LookAgainAfter"/>: look again then, or when something changes, whichever is first.
    /// </returns>
    /// <exception cref="TerminalException">Only a change can help: not retried until there is one.</exception>
    /// <exception cref="Exception">Anything else: retried after a growing, capped delay, for ever.</exception>
    Task<ReconcileResult> ReconcileAsync(ObjectKey key, CancellationToken cancellationToken);
}
