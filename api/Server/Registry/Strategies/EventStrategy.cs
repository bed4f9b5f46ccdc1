using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Events live for an hour, beside the object they are about.</summary>
internal sealed class EventStrategy : CoreStrategy
{
    public override TimeSpan? TimeToLive => TimeSpan.FromHours(1);

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors)
    {
        var own = proposed.GetObject("metadata")?.GetString("namespace");
        var about = proposed.GetObject("involvedObject")?.GetString("namespace") ?? "";
        // Events about cluster-scoped objects are kept in the namespace default.
        if (about.Length == 0 ? own != "default" : about != own)
            errors.Add(FieldError.Invalid(FieldPath.Of("involvedObject", "namespace"), about, "does not match event.namespace"));
    }
}
