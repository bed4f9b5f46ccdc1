using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;

namespace ControlPlane.Api.Discovery.V1;

/// <summary>Some of the pods behind a VIP. The label controlplane.dev/vip names the VIP.</summary>
[Resource("discovery.k8s.io", "v1", "EndpointSlice", "endpointslices")]
[Column("AddressType", "string", ".addressType")]
[Column("Ports", "string", ".ports[*].port")]
[Column("Endpoints", "string", ".endpoints[*].addresses[0]")]
[Column("Age", "date", ".metadata.creationTimestamp")]
public sealed record EndpointSlice : Resource
{
    /// <summary>IPv4.</summary>
    [Allowed("IPv4"), ImmutableField]
    public required string AddressType { get; init; }

    /// <summary>The pods.</summary>
    [Items(0, 1000)]
    public IReadOnlyList<Endpoint> Endpoints { get; init; } = [];

    /// <summary>Their ports.</summary>
    [Items(0, 100)]
    public IReadOnlyList<EndpointPort> Ports { get; init; } = [];
}

/// <summary>One pod behind a VIP.</summary>
public sealed record Endpoint
{
    /// <summary>Its address.</summary>
    [Items(1, 100)]
    public IReadOnlyList<string> Addresses { get; init; } = [];

    /// <summary>Whether it takes connections.</summary>
    public EndpointConditions? Conditions { get; init; }

    /// <summary>Its host name.</summary>
    public string? Hostname { get; init; }

    /// <summary>Its node.</summary>
    public string? NodeName { get; init; }

    /// <summary>The pod.</summary>
    public ObjectReference? TargetRef { get; init; }
}

/// <summary>Whether an endpoint takes connections.</summary>
public sealed record EndpointConditions
{
    /// <summary>New connections may go there.</summary>
    public bool? Ready { get; init; }

    /// <summary>It would serve, even if it is ending.</summary>
    public bool? Serving { get; init; }

    /// <summary>It is ending.</summary>
    public bool? Terminating { get; init; }
}

/// <summary>A port of endpoints.</summary>
[Atomic]
public sealed record EndpointPort
{
    /// <summary>Name of the VIP's port.</summary>
    public string? Name { get; init; }

    /// <summary>TCP or UDP.</summary>
    [Default("\"TCP\""), Allowed("TCP", "UDP")]
    public string? Protocol { get; init; }

    /// <summary>Port in the pods.</summary>
    [Minimum(1), Maximum(65535)]
    public int? Port { get; init; }
}
