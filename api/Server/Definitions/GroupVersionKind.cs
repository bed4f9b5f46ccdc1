namespace ControlPlane.Api.Server.Definitions;

/// <summary>Names a kind.</summary>
internal sealed record GroupVersionKind(string Group, string Version, string Kind)
{
    public string ApiVersion => Group.Length == 0 ? Version : Group + "/" + Version;
}
