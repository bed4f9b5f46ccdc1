using System.Buffers.Text;
using System.Text;
using System.Text.Json;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Rest;

/// <summary>
/// Where the next page of a list starts: base64url of <c>{"v":"meta.k8s.io/v1","rv":REVISION,"start":"NAMESPACE/NAME\u0000"}</c>, the start
/// relative to what is listed. A revision of -1 goes on at the latest state.
/// </summary>
internal sealed record ContinueToken(long Revision, string After)
{
    private const string Version = "meta.k8s.io/v1";

    public string Encode() =>
        Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{{\"v\":\"{Version}\",\"rv\":{Revision},\"start\":{JsonSerializer.Serialize(After + '\0')}}}"));

    public static ContinueToken Parse(string text)
    {
        try
        {
            using var document = JsonDocument.Parse(Base64Url.DecodeFromChars(text));
            var root = document.RootElement;
            var start = root.GetProperty("start").GetString() ?? "";
            if (root.GetProperty("v").GetString() != Version || start.Contains("..", StringComparison.Ordinal))
                throw Invalid("it was not made by this server");
            return new ContinueToken(root.GetProperty("rv").GetInt64(), start.TrimEnd('\0').TrimStart('/'));
        }
        catch (Exception error) when (error is FormatException or JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw Invalid(error.Message);
        }
    }

    private static ApiException Invalid(string why) => ApiErrors.BadRequest("invalid continue token: continue key is not valid: " + why);
}
