using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Rules over several fields of an app.</summary>
internal sealed class AppStrategy : PlatformStrategy
{
    public override NameRule NameRule => NameRule.DnsLabel;

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors)
    {
        var name = proposed.GetObject("metadata")?.GetString("name");
        if (proposed.GetObject("spec") is { } spec)
            AppRules.Validate(spec, FieldPath.Of("spec"), name, errors);
    }
}
