namespace ControlPlane.Agent.Images.Registry;

/// <summary>The body of a registry's error response.</summary>
internal sealed record RegistryErrors
{
    public IReadOnlyList<RegistryError> Errors { get; set; } = [];
}

internal sealed record RegistryError
{
    public string Code { get; set; } = "";

    public string Message { get; set; } = "";
}
