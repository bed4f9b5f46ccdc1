namespace ControlPlane.Api.Machinery.Validation;

/// <summary>Which grammar a kind's names follow.</summary>
public enum NameRule
{
    /// <summary>DNS subdomain, at most 253 characters: most kinds.</summary>
    DnsSubdomain,

    /// <summary>DNS label, at most 63 characters: what becomes part of a host name.</summary>
    DnsLabel,

    /// <summary>Anything that fits between two slashes of a URL.</summary>
    PathSegment,
}
