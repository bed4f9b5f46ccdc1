using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using ControlPlane.Agent.Images.Oci;

namespace ControlPlane.Agent.Images.Registry;

/// <summary>Answers one registry's challenges for one repository.</summary>
internal sealed class RegistryAuthenticator(RegistryHttp http, ImageReference reference, RegistryCredentials? credentials)
{
    private AuthenticationHeaderValue? _authorization;

    public void Apply(HttpRequestMessage request) => request.Headers.Authorization = _authorization;

    /// <summary>Takes up a 401's challenge. False when nothing better than before can be sent.</summary>
    public async Task<bool> AnswerAsync(HttpResponseMessage refusal, CancellationToken cancellation)
    {
        var before = _authorization;
        _authorization = Challenge.Pick(refusal.Headers.WwwAuthenticate) switch
        {
            { Scheme: "bearer" } challenge => await TokenAsync(challenge, cancellation),
            { Scheme: "basic" } when credentials is not null && RegistryHttp.IsPrivate(refusal.RequestMessage!.RequestUri!) => Basic(),
            _ => null,
        };
        return _authorization is not null && !_authorization.Equals(before);
    }

    private async Task<AuthenticationHeaderValue?> TokenAsync(Challenge challenge, CancellationToken cancellation)
    {
        if (!Uri.TryCreate(challenge.Parameters.GetValueOrDefault("realm"), UriKind.Absolute, out var realm) || !RegistryHttp.IsPrivate(realm))
            throw new ImagePullException(
                ImagePullFailure.Unauthorized, $"{reference}: {reference.Registry} asks for a token from a place that is not https");
        var query = new StringBuilder(realm.Query.Length > 1 ? realm.Query + "&" : "?");
        if (challenge.Parameters.TryGetValue("service", out var service))
            query.Append("service=").Append(Uri.EscapeDataString(service)).Append('&');
        var scope = challenge.Parameters.GetValueOrDefault("scope") ?? $"repository:{reference.Repository}:pull";
        query.Append("scope=").Append(Uri.EscapeDataString(scope));

        using var request = new HttpRequestMessage(HttpMethod.Get, new UriBuilder(realm) { Query = query.ToString() }.Uri);
        if (credentials is not null)
            request.Headers.Authorization = Basic();
        using var response = await http.SendAsync(request, cancellation);
        if ((int)response.StatusCode >= 500)
            throw new HttpRequestException($"the token server answered {(int)response.StatusCode}", null, response.StatusCode);
        if (!response.IsSuccessStatusCode)
            return null;
        var body = await response.Content.ReadFromJsonAsync(OciJson.Default.TokenResponse, cancellation);
        return (body?.Token ?? body?.AccessToken) is { Length: > 0 } token ? new AuthenticationHeaderValue("Bearer", token) : null;
    }

    private AuthenticationHeaderValue Basic() =>
        new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{credentials!.Username}:{credentials.Password}")));
}
