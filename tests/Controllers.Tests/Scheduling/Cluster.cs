using System.Globalization;
using System.Text.Json;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Values;

namespace ControlPlane.Controllers.Tests.Scheduling;

/// <summary>Nodes and pods for scheduling tests.</summary>
internal static class Cluster
{
    public static Node Node(string name, string cpu = "4", string memory = "4Gi", string pods = "110", params (string Key, string Value)[] labels) => new()
    {
        Metadata = new ObjectMeta { Name = name, Labels = labels.Append((WellKnownLabels.Hostname, name)).ToDictionary(static l => l.Item1, static l => l.Item2) },
        Status = new NodeStatus
        {
            Allocatable = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory), ["pods"] = Quantity.Parse(pods) },
            Conditions = [new NodeCondition { Type = "Ready", Status = "True" }],
        },
    };

    public static Pod Pod(string name, string cpu = "1", string memory = "128Mi", string? node = null, string? app = null, params PlacementConstraint[] constraints) => new()
    {
        Metadata = new ObjectMeta
        {
            Name = name,
            Namespace = "default",
            Uid = "uid-" + name,
            Labels = app is null ? Empty.StringMap : new Dictionary<string, string> { [WellKnownLabels.App] = app, [WellKnownLabels.Revision] = app + "-1" },
            Annotations = constraints.Length == 0
                ? Empty.StringMap
                : new Dictionary<string, string> { [WellKnownAnnotations.Constraints] = JsonSerializer.Serialize(constraints, ApiJson.Options) },
        },
        Spec = new PodSpec
        {
            NodeName = node,
            Containers =
            [
                new Container
                {
                    Name = "c",
                    Resources = new ResourceRequirements { Requests = new Dictionary<string, Quantity> { ["cpu"] = Quantity.Parse(cpu), ["memory"] = Quantity.Parse(memory) } },
                },
            ],
        },
    };

    public static PlacementConstraint Constraint(string field, string @operator, string? value = null) => new() { Field = field, Operator = @operator, Value = value };

    public static string Text(this int number) => number.ToString(CultureInfo.InvariantCulture);
}
