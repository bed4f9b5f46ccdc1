using System.Text.Json.Nodes;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Api.Client;

/// <summary>JSON trees as bytes.</summary>
internal static class Utf8Json
{
    public static byte[] Write(JsonNode node) => ApiJson.Serialize(node);
}
