using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Values;

namespace ControlPlane.Api.Core.V1;

/// <summary>Something that happened to an object. Kept for an hour.</summary>
[Resource("", "v1", "Event", "events", ShortNames = ["ev"])]
[SelectableField("involvedObject.kind")]
[SelectableField("involvedObject.namespace")]
[SelectableField("involvedObject.name")]
[SelectableField("involvedObject.uid")]
[SelectableField("involvedObject.apiVersion")]
[SelectableField("involvedObject.resourceVersion")]
[SelectableField("involvedObject.fieldPath")]
[SelectableField("reason")]
[SelectableField("reportingComponent")]
[SelectableField("source")]
[SelectableField("type")]
public sealed record Event : Resource
{
    /// <summary>What it happened to.</summary>
    public required ObjectReference InvolvedObject { get; init; }

    /// <summary>CamelCase reason for programs.</summary>
    public string? Reason { get; init; }

    /// <summary>A sentence for people.</summary>
    public string? Message { get; init; }

    /// <summary>Normal or Warning.</summary>
    public string? Type { get; init; }

    /// <summary>Who saw it.</summary>
    public EventSource? Source { get; init; }

    /// <summary>When it first happened.</summary>
    public DateTimeOffset? FirstTimestamp { get; init; }

    /// <summary>When it last happened.</summary>
    public DateTimeOffset? LastTimestamp { get; init; }

    /// <summary>How often it happened.</summary>
    public int? Count { get; init; }

    /// <summary>When it first happened, to the microsecond.</summary>
    public MicroTime? EventTime { get; init; }

    /// <summary>Repetitions, in the newer form.</summary>
    public EventSeries? Series { get; init; }

    /// <summary>What was done about it.</summary>
    public string? Action { get; init; }

    /// <summary>A second object, if any.</summary>
    public ObjectReference? Related { get; init; }

    /// <summary>Name of the controller that reports, e.g. controlplane.dev/apps.</summary>
    [Default("\"\"")]
    public string? ReportingComponent { get; init; }

    /// <summary>Which instance of that controller.</summary>
    [Default("\"\"")]
    public string? ReportingInstance { get; init; }
}

/// <summary>Who saw an event.</summary>
public sealed record EventSource
{
    /// <summary>Component.</summary>
    public string? Component { get; init; }

    /// <summary>Node.</summary>
    public string? Host { get; init; }
}

/// <summary>Repetitions of an event.</summary>
public sealed record EventSeries
{
    /// <summary>How often it happened.</summary>
    public int? Count { get; init; }

    /// <summary>When it last happened.</summary>
    public MicroTime? LastObservedTime { get; init; }
}
