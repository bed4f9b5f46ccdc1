namespace ControlPlane.Api.Platform.V1;

/// <summary>How ports of a VIP and ports of its endpoint slices find each other.</summary>
public static class VipPorts
{
    /// <summary>Name of the endpoint port behind a VIP's port: the port's name, or protocol and number, e.g. <c>tcp-80</c>.</summary>
    public static string EndpointName(VipPort port) =>
        port.Name ?? $"{Protocol(port).ToLowerInvariant()}-{port.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)}";

    /// <summary>TCP unless said otherwise.</summary>
    public static string Protocol(VipPort port) => port.Protocol ?? "TCP";
}
