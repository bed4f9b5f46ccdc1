using System.Net.Http.Headers;

namespace ControlPlane.Agent.Images.Registry;

/// <summary>A WWW-Authenticate header: the scheme and its <c>key="value"</c> parameters.</summary>
internal sealed record Challenge(string Scheme, IReadOnlyDictionary<string, string> Parameters)
{
    public static Challenge? Pick(HttpHeaderValueCollection<AuthenticationHeaderValue> headers)
    {
        var challenges = headers.Select(header => new Challenge(header.Scheme.ToLowerInvariant(), Parse(header.Parameter ?? ""))).ToList();
        return challenges.Find(challenge => challenge.Scheme == "bearer") ?? challenges.Find(challenge => challenge.Scheme == "basic");
    }

    // A scope may hold commas ("pull,push"), so the parameters cannot be split at commas alone.
    private static Dictionary<string, string> Parse(string text)
    {
        var parameters = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        var at = 0;
        while (at < text.Length)
        {
            var equals = text.IndexOf('=', at);
            if (equals < 0)
                break;
            var key = text[at..equals].Trim(' ', ',');
            var quoted = equals + 1 < text.Length && text[equals + 1] == '"';
            var start = equals + (quoted ? 2 : 1);
            var end = text.IndexOf(quoted ? '"' : ',', start);
            if (end < 0)
                end = text.Length;
            parameters[key] = text[start..end];
            at = end + 1;
        }

        return parameters;
    }
}
