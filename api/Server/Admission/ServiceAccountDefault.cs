using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Server.Admission;

/// <summary>A pod that names no service account runs as its namespace's default one.</summary>
internal sealed class ServiceAccountDefault : IAdmissionPlugin
{
    public string Name => "ServiceAccount";

    public ValueTask AdmitAsync(AdmissionRequest request)
    {
        if (request is { Operation: AdmissionOperation.Create, Call.Definition: { Group: "", Kind: "Pod" } } && request.Proposed!.GetObject("spec") is { } spec
            && string.IsNullOrEmpty(spec.GetString("serviceAccountName")))
        {
            spec["serviceAccountName"] = "default";
        }
        return ValueTask.CompletedTask;
    }
}
