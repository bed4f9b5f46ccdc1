using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Yaml;

/// <summary>One document of a YAML stream, as the JSON it stands for.</summary>
/// <param name="Root">The tree; null for an empty document. Of a repeated key the last value is kept.</param>
/// <param name="Duplicates">Keys that occurred more than once, in document order.</param>
public sealed record YamlDocument(JsonNode? Root, IReadOnlyList<YamlDuplicate> Duplicates);
