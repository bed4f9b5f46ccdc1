using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.Functional.Api;

/// <summary>An answer read to its end.</summary>
internal sealed record HttpAnswer(int Code, HttpResponseHeaders Headers, string? ContentType, string Text)
{
    public JsonNode Json => JsonNode.Parse(Text)!;

    public string Message => (string?)Json["message"] ?? "";

    public override string ToString() => $"{Code} {ContentType}\n{Text}";
}

internal static class HttpAnswers
{
    public static Task<HttpAnswer> ReadAsync(this HttpClient client, string path, string accept = "application/json") =>
        client.SendJsonAsync(HttpMethod.Get, path, null, accept: accept);

    public static async Task<HttpAnswer> SendJsonAsync(
        this HttpClient client, HttpMethod method, string path, string? body, string? contentType = "application/json", string accept = "application/json")
    {
        using var request = new HttpRequestMessage(method, path) { Version = new Version(2, 0) };
        request.Headers.TryAddWithoutValidation("Accept", accept);
        if (body is not null)
        {
            request.Content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
            if (contentType is not null)
                request.Content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        }
        using var response = await client.SendAsync(request);
        return new HttpAnswer((int)response.StatusCode, response.Headers, response.Content.Headers.ContentType?.ToString(), await response.Content.ReadAsStringAsync());
    }

    /// <summary>The next events of a watch.</summary>
    public static async Task<List<JsonNode>> WatchAsync(this HttpClient client, string path, int count, Func<Task>? then = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        Assert.Equal(200, (int)response.StatusCode);
        if (then is not null)
            await then();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var events = new List<JsonNode>();
        while (events.Count < count && await reader.ReadLineAsync(deadline.Token) is { } line)
            events.Add(JsonNode.Parse(line)!);
        return events;
    }
}
