namespace ControlPlane.Api.Machinery.Apply;

/// <summary>Who writes: the identity under which fields are owned.</summary>
/// <param name="Name">The <c>fieldManager</c> of the request, or what the user agent says.</param>
/// <param name="ApiVersion">Group and version the request is written in.</param>
/// <param name="Subresource">The subresource written through; empty for the object itself.</param>
public sealed record FieldManager(string Name, string ApiVersion, string Subresource = "")
{
    /// <summary>The longest name, in characters.</summary>
    public const int MaxNameLength = 128;

    /// <summary>The name for a request that gives none: its user agent up to the first slash.</summary>
    public static string NameFromUserAgent(string? userAgent)
    {
        var end = userAgent?.IndexOf('/') ?? -1;
        var name = end < 0 ? userAgent ?? "" : userAgent![..end];
        if (name.Length > MaxNameLength)
            name = name[..MaxNameLength];
        return name.Length == 0 ? "unknown" : name;
    }
}
