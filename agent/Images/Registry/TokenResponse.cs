using System.Text.Json.Serialization;

namespace ControlPlane.Agent.Images.Registry;

internal sealed record TokenResponse
{
    public string? Token { get; set; }

    [JsonPropertyName("access_token")] public string? AccessToken { get; set; }

    /// <summary>Seconds; a server that does not say means 60.</summary>
    [JsonPropertyName("expires_in")] public int? ExpiresIn { get; set; }
}
