using System.Globalization;

namespace ControlPlane.Api.Client;

/// <summary>Collects the parameters that are set.</summary>
internal sealed class QueryBuilder
{
    private readonly List<KeyValuePair<string, string>> _parameters = [];

    public IReadOnlyList<KeyValuePair<string, string>> Parameters => _parameters;

    public QueryBuilder Add(string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
            _parameters.Add(new(name, value));
        return this;
    }

    public QueryBuilder Add(string name, int? value) => Add(name, value?.ToString(CultureInfo.InvariantCulture));
}
