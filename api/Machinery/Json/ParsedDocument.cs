using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Json;

/// <summary>A decoded document, and what a strict reader would have refused in it.</summary>
/// <param name="Root">The tree; null for a JSON null. Of a repeated field the last value is kept, as every JSON reader of the ecosystem does.</param>
/// <param name="DuplicateFields">Full paths (<c>spec.containers[0].image</c>) of fields that occurred more than once, in document order.</param>
public sealed record ParsedDocument(JsonNode? Root, IReadOnlyList<string> DuplicateFields);
