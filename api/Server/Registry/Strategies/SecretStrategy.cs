using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>stringData is merged into data; the rest is as for ConfigMaps.</summary>
internal sealed class SecretStrategy : CoreStrategy
{
    private static readonly string[] Payload = ["data"];

    public override void Complete(JsonObject proposed, JsonObject? live)
    {
        if (proposed.GetObject("stringData") is not { } plain)
            return;
        var data = proposed.GetObject("data");
        if (data is null && plain.Count > 0)
            proposed["data"] = data = [];
        foreach (var (key, value) in plain)
            data![key] = Convert.ToBase64String(Encoding.UTF8.GetBytes(JsonTree.AsString(value) ?? ""));
        proposed.Remove("stringData");
    }

    public override void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors) => KeyedData.Validate(proposed, live, Payload, errors);
}
