namespace ControlPlane.Api.Server.Admission;

/// <summary>The plug-ins, in order; each sees what those before it did.</summary>
internal sealed class AdmissionChain(IReadOnlyList<IAdmissionPlugin> plugins)
{
    public async ValueTask AdmitAsync(AdmissionRequest request)
    {
        foreach (var plugin in plugins)
            await plugin.AdmitAsync(request);
    }
}
