using System.Text.Json;
using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Images.Oci;

/// <remarks>Documents have setters, not init: generated code would set an absent init property to null.</remarks>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(ManifestIndex))]
[JsonSerializable(typeof(ConfigFile))]
[JsonSerializable(typeof(List<DockerArchiveEntry>))]
[JsonSerializable(typeof(Registry.TokenResponse))]
[JsonSerializable(typeof(Registry.RegistryErrors))]
[JsonSerializable(typeof(Store.ImageIndexFile))]
internal sealed partial class OciJson : JsonSerializerContext
{
    public static T Read<T>(ReadOnlySpan<byte> json, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, string what)
    {
        try
        {
            return JsonSerializer.Deserialize(json, type) ?? throw new InvalidImageException($"{what} is null");
        }
        catch (JsonException e)
        {
            throw new InvalidImageException($"{what} is not valid JSON: {e.Message}", e);
        }
    }
}
