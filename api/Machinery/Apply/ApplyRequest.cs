using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Schema;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>A server-side apply.</summary>
public sealed record ApplyRequest
{
    /// <summary>The stored object; null when it does not exist yet.</summary>
    public required JsonObject? Live { get; init; }

    /// <summary>The configuration. Its times and quantities are brought into canonical form in place.</summary>
    public required JsonObject Applied { get; init; }

    public required FieldManager Manager { get; init; }
    public required string Kind { get; init; }
    public required ResourceSchema Schema { get; init; }

    /// <summary>Take fields from their owners instead of reporting conflicts.</summary>
    public required bool Force { get; init; }

    /// <summary>Whether status is written through its subresource only.</summary>
    public required bool HasStatusSubresource { get; init; }

    public required DateTimeOffset Now { get; init; }
}
