namespace ControlPlane.Api.Server.Admission;

/// <summary>Completes or refuses writes, whatever the kind. Refusing is throwing an ApiException.</summary>
internal interface IAdmissionPlugin
{
    string Name { get; }

    ValueTask AdmitAsync(AdmissionRequest request);
}
