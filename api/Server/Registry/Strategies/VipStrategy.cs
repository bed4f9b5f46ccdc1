using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>A VIP leads to one thing, and its ports have distinct names.</summary>
internal sealed class VipStrategy : PlatformStrategy
{
    public override NameRule NameRule => NameRule.DnsLabel;

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors)
    {
        if (proposed.GetObject("spec") is not { } spec)
            return;
        var path = FieldPath.Of("spec");
        var hasApp = spec["app"] is not null;
        var hasSelector = spec.GetObject("selector") is { Count: > 0 };
        if (hasApp == hasSelector)
        {
            errors.Add(hasApp
                ? FieldError.Forbidden(path.Child("selector"), "may not be set together with app")
                : FieldError.Required(path.Child("app"), "name an app, or select pods with selector"));
        }
        ObjectMetaValidator.ValidateLabels(spec.GetObject("selector"), path.Child("selector"), errors);
        var names = new HashSet<string>(StringComparer.Ordinal);
        var ports = spec.GetArray("ports") ?? [];
        for (var i = 0; i < ports.Count; i++)
        {
            if ((ports[i] as JsonObject)?.GetString("name") is { } portName && !names.Add(portName))
                errors.Add(FieldError.Duplicate(path.Child("ports").Index(i).Child("name"), portName));
        }
    }
}
