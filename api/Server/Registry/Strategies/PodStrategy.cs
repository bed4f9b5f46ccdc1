using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>Pods end gracefully, and change little once they exist.</summary>
internal sealed class PodStrategy : CoreStrategy
{
    private const long DefaultGraceSeconds = 30;

    public override bool HasGeneration => true;

    public override bool ReturnsDeletedObject => true;

    public override void Prepare(JsonObject proposed, JsonObject? live)
    {
        if (live is null)
            proposed["status"] = new JsonObject { ["phase"] = "Pending" };
    }

    public override void Complete(JsonObject proposed, JsonObject? live)
    {
        if (live is not null || proposed.GetObject("spec") is not { } spec)
            return;
        foreach (var container in Containers(spec))
        {
            if (container["imagePullPolicy"] is null && container.GetString("image") is { } image)
                container["imagePullPolicy"] = UsesLatest(image) ? "Always" : "IfNotPresent";
        }
        var status = proposed.GetObject("status")!;
        status["qosClass"] = QualityOfService.Of(spec);
    }

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors)
    {
        if (proposed.GetObject("spec") is not { } spec)
        {
            errors.Add(FieldError.Required(FieldPath.Of("spec", "containers")));
            return;
        }
        PodRules.Validate(spec, errors);
        if (live?.GetObject("spec") is { } before)
            PodRules.ValidateUpdate(spec, before, errors);
    }

    /// <summary>What never ran, or has ended, needs no time to end.</summary>
    public override long? GracePeriodOf(JsonObject live, long? requested)
    {
        var spec = live.GetObject("spec");
        var phase = live.GetObject("status")?.GetString("phase");
        if (string.IsNullOrEmpty(spec?.GetString("nodeName")) || phase is "Succeeded" or "Failed")
            return 0;
        if (requested is { } seconds)
            return seconds;
        return JsonNumbers.TryGetInt64(spec!["terminationGracePeriodSeconds"], out var given) ? given : DefaultGraceSeconds;
    }

    private static IEnumerable<JsonObject> Containers(JsonObject spec) =>
        (spec.GetArray("initContainers") ?? []).Concat(spec.GetArray("containers") ?? []).OfType<JsonObject>();

    /// <summary>No tag means latest; a digest pins, whatever the tag.</summary>
    private static bool UsesLatest(string image)
    {
        if (image.Contains('@', StringComparison.Ordinal))
            return false;
        var colon = image.LastIndexOf(':');
        return colon < 0 || image.IndexOf('/', colon) >= 0 || image[(colon + 1)..] == "latest";
    }
}
