using ControlPlane.Api.Meta;
using ControlPlane.Controllers.Reporting;

namespace ControlPlane.Controllers.GarbageCollection.Namespaces;

/// <summary>Says in a namespace's conditions what its deletion waits for.</summary>
internal static class TerminationConditions
{
    public static IReadOnlyList<Condition> From(IReadOnlyList<Condition> present, ContentReport report, DateTimeOffset now) => present
        .With(Of("NamespaceDeletionDiscoveryFailure", report.DiscoveryFailure, "DiscoveryFailed", "ResourcesDiscovered", "All resources successfully discovered"), now)
        .With(Of("NamespaceDeletionGroupVersionParsingFailure", null, "GroupVersionParsingFailed", "ParsedGroupVersions", "All legacy kube types successfully parsed"), now)
        .With(Of("NamespaceDeletionContentFailure", Failures(report), "ContentDeletionFailed", "ContentDeleted", "All content successfully deleted, may be waiting on finalization"), now)
        .With(Of("NamespaceContentRemaining", Remaining(report), "SomeResourcesRemain", "ContentRemoved", "All content successfully removed"), now)
        .With(Of("NamespaceFinalizersRemaining", Finalizers(report), "SomeFinalizersRemain", "ContentHasNoFinalizers", "All content-preserving finalizers finished"), now);

    private static Condition Of(string type, string? trouble, string reason, string wellReason, string wellMessage) => new()
    {
        Type = type,
        Status = trouble is null ? "False" : "True",
        Reason = trouble is null ? wellReason : reason,
        Message = trouble ?? wellMessage,
    };

    private static string? Failures(ContentReport report) => report.Failures.Count == 0
        ? null
        : "Failed to delete all resource types, " + report.Failures.Count + " remaining: " + string.Join("; ", report.Failures.Select(static f => $"{f.Key}: {f.Value}"));

    private static string? Remaining(ContentReport report) => report.Remaining.Count == 0
        ? null
        : "Some resources are remaining: " + string.Join(", ", report.Remaining.Select(static r => $"{r.Key} has {r.Value} resource instances"));

    private static string? Finalizers(ContentReport report) => report.Finalizers.Count == 0
        ? null
        : "Some content in the namespace has finalizers remaining: " + string.Join(", ", report.Finalizers.Select(static f => $"{f.Key} in {f.Value} resource instances"));
}
