using System.Text.Json.Nodes;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Admission;

/// <summary>What a write does to an object.</summary>
internal enum AdmissionOperation
{
    Create,
    Update,
    Delete,
}

/// <summary>A write before it happens.</summary>
/// <param name="Call">The call.</param>
/// <param name="Operation">What it does.</param>
/// <param name="Proposed">The new state, which a plug-in may complete; null for a delete.</param>
/// <param name="Live">The stored state; null for a create.</param>
/// <param name="DryRun">Whether nothing will be stored.</param>
internal sealed record AdmissionRequest(RestCall Call, AdmissionOperation Operation, JsonObject? Proposed, JsonObject? Live, bool DryRun);
