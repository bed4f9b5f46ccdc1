using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Admission;

/// <summary>Objects are made only in namespaces that exist and stay; the system's own namespaces cannot be deleted.</summary>
internal sealed class NamespaceLifecycle(ResourceStore store, DefinitionRegistry definitions) : IAdmissionPlugin
{
    private static readonly string[] Permanent = ["default", "kube-system", "kube-public"];

    public string Name => "NamespaceLifecycle";

    public async ValueTask AdmitAsync(AdmissionRequest request)
    {
        var call = request.Call;
        if (request.Operation == AdmissionOperation.Delete && call.Definition is { Group: "", Plural: "namespaces" } && Permanent.Contains(NameOf(request)))
            throw ApiErrors.Forbidden(call.Definition, NameOf(request), "this namespace may not be deleted");
        if (request.Operation == AdmissionOperation.Create && call.Definition.IsNamespaced)
            await CheckAsync(request);
    }

    private async ValueTask CheckAsync(AdmissionRequest request)
    {
        var call = request.Call;
        var definition = definitions.Current.Find("", "v1", "namespaces")!;
        // The cache may be a moment behind a namespace that was just made.
        var found = store.CacheOf(definition).Find("", call.Namespace) ?? await store.GetAsync(definition, "", call.Namespace, call.Aborted)
            ?? throw ApiErrors.NotFound(definition, call.Namespace);
        if (found.FactsFor(definition.Facts).Fields.GetValueOrDefault("status.phase") != "Terminating")
            return;
        var name = request.Proposed?.GetObject("metadata")?.GetString("name") ?? "";
        var error = ApiErrors.Forbidden(call.Definition, name, $"unable to create new content in namespace {call.Namespace} because it is being terminated");
        throw new ApiException(error.Status with
        {
            Details = error.Status.Details! with
            {
                Causes = [new StatusCause { Reason = "NamespaceTerminating", Message = $"namespace {call.Namespace} is being terminated", Field = "metadata.namespace" }],
            },
        });
    }

    private static string NameOf(AdmissionRequest request) => request.Live?.GetObject("metadata")?.GetString("name") ?? request.Call.Name;
}
