using System.Text.Json.Nodes;

namespace ControlPlane.Api.Client;

/// <summary>A patch and the language it is in.</summary>
/// <param name="ContentType">Media type; see <see cref="MediaTypes"/>.</param>
/// <param name="Utf8">The patch.</param>
public sealed record PatchBody(string ContentType, ReadOnlyMemory<byte> Utf8)
{
    /// <summary>Members replace members, <c>null</c> removes them (RFC 7386).</summary>
    public static PatchBody Merge(JsonObject patch) => new(MediaTypes.MergePatch, Utf8Json.Write(patch));

    /// <summary>A list of operations (RFC 6902).</summary>
    public static PatchBody Operations(JsonArray patch) => new(MediaTypes.JsonPatch, Utf8Json.Write(patch));
}
