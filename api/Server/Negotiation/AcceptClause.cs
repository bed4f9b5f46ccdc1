using System.Globalization;

namespace ControlPlane.Api.Server.Negotiation;

/// <summary>One media type of an Accept header with the parameters the API gives meaning to.</summary>
internal sealed record AcceptClause(string MediaType, double Quality)
{
    public string? As { get; init; }
    public string? Group { get; init; }
    public string? Version { get; init; }

    public bool IsJson => MediaType is "application/json" or "application/*" or "*/*";

    /// <summary>Clauses by falling quality, equal ones as written. No header accepts anything.</summary>
    public static IReadOnlyList<AcceptClause> Parse(string? header)
    {
        if (string.IsNullOrWhiteSpace(header))
            return Anything;
        if (header == "application/json")
            return Json;
        return [.. header.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(ParseOne).Where(c => c.Quality > 0).OrderByDescending(c => c.Quality)];
    }

    private static readonly AcceptClause[] Anything = [new("*/*", 1)];
    private static readonly AcceptClause[] Json = [new("application/json", 1)];

    private static AcceptClause ParseOne(string text)
    {
        var parts = text.Split(';', StringSplitOptions.TrimEntries);
        var clause = new AcceptClause(parts[0].ToLowerInvariant(), 1);
        foreach (var parameter in parts.AsSpan(1))
        {
            var equals = parameter.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
                continue;
            var value = parameter[(equals + 1)..].Trim('"');
            clause = parameter[..equals] switch
            {
                "as" => clause with { As = value },
                "g" => clause with { Group = value },
                "v" => clause with { Version = value },
                "q" => clause with { Quality = double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var q) ? q : 0 },
                _ => clause,
            };
        }
        return clause;
    }
}
