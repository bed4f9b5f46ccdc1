using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Keys, size, and what <c>immutable</c> forbids.</summary>
internal sealed class ConfigMapStrategy : CoreStrategy
{
    private static readonly string[] Payload = ["data", "binaryData"];

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors) => KeyedData.Validate(proposed, live, Payload, errors);
}
