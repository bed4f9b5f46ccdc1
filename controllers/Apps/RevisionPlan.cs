using System.Text.Json.Nodes;
using ControlPlane.Api.Apps.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Controllers.Apps;

/// <summary>Which revision of an app should run now, and what of its history to keep.</summary>
/// <param name="Newest">The revision that the spec asks for.</param>
/// <param name="Running">The revision to run: the newest, or the one before it while something holds the upgrade back. <c>null</c> = none yet.</param>
/// <param name="Spec">The spec at that revision.</param>
/// <param name="Write">The newest revision's object, when it has to be written.</param>
/// <param name="Forget">Revisions beyond the history that nothing runs.</param>
internal sealed record RevisionPlan(string Newest, string? Running, AppSpec? Spec, ControllerRevision? Write, IReadOnlyList<ControllerRevision> Forget)
{
    private const int HistoryLength = 10;

    /// <summary>Decides. Pure.</summary>
    /// <param name="app">The app.</param>
    /// <param name="known">Its revisions.</param>
    /// <param name="instances">Its pods.</param>
    /// <param name="gate">Whether an upgrade may begin.</param>
    public static RevisionPlan Of(App app, IReadOnlyList<ControllerRevision> known, IReadOnlyList<Instance> instances, DependencyGate gate)
    {
        var snapshot = Revisions.Snapshot(app.Spec);
        var newest = Revisions.Hash(snapshot);
        var name = Revisions.NameOf(app.Metadata.Name!, newest);
        var latest = known.Count == 0 ? 0 : known.Max(static revision => revision.Revision);
        var present = known.FirstOrDefault(revision => revision.Metadata.Name == name);
        // A revision that comes back is the newest again; its pods, where some are left, are adopted.
        var write = present is null || present.Revision < latest ? Object(app, name, snapshot, latest + 1) : null;

        // Once let through, a revision is not held back again: dependencies gate starts and upgrades, not repairs.
        var begun = app.Status?.CurrentRevision == name || instances.Any(instance => instance.Alive && instance.Revision == newest);
        var (running, spec) = begun || gate.IsOpen ? (newest, app.Spec) : Previous(app, known);
        var used = instances.Select(instance => Revisions.NameOf(app.Metadata.Name!, instance.Revision)).Append(name).Append(app.Status?.CurrentRevision).ToHashSet();
        var forget = known.Where(revision => !used.Contains(revision.Metadata.Name)).OrderByDescending(static revision => revision.Revision).Skip(HistoryLength).ToArray();
        return new RevisionPlan(newest, running, spec, write, forget);
    }

    private static (string? Hash, AppSpec? Spec) Previous(App app, IReadOnlyList<ControllerRevision> known)
    {
        var current = known.FirstOrDefault(revision => revision.Metadata.Name == app.Status?.CurrentRevision);
        return current?.Data is null ? (null, null) : (current.Metadata.Name![(app.Metadata.Name!.Length + 1)..], Revisions.Restore(current.Data, app.Spec));
    }

    private static ControllerRevision Object(App app, string name, JsonObject snapshot, long number) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = app.Metadata.Namespace,
            Labels = new Dictionary<string, string> { [WellKnownLabels.App] = app.Metadata.Name! },
            OwnerReferences = [app.AsController()],
        },
        Data = snapshot,
        Revision = number,
    };
}
