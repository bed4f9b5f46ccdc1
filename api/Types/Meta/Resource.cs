using System.Text.Json.Serialization;

namespace ControlPlane.Api.Meta;

/// <summary>What every object of the API has. A record: change it by <c>with</c>; cached objects are shared.</summary>
public abstract record Resource
{
    /// <summary>Takes kind and API version from the record's <see cref="Schema.ResourceAttribute"/>.</summary>
    protected Resource()
    {
        var info = ResourceInfo.Find(GetType());
        ApiVersion = info?.ApiVersion ?? "";
        Kind = info?.Kind ?? "";
    }

    /// <summary>Group and version of the schema, e.g. controlplane.dev/v1.</summary>
    [JsonPropertyOrder(-30)]
    public string ApiVersion { get; init; }

    /// <summary>Kind of the object.</summary>
    [JsonPropertyOrder(-20)]
    public string Kind { get; init; }

    /// <summary>Standard object metadata.</summary>
    [JsonPropertyOrder(-10)]
    public ObjectMeta Metadata { get; init; } = new();
}
