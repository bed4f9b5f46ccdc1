using System.Text.RegularExpressions;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>A user's expression, compiled once. The engine is the linear-time one, so a hostile pattern or value cannot stall a request;
/// it refuses look-around and back references, which RE2 refuses too.</summary>
internal sealed class ItemPattern
{
    private readonly Regex _regex;

    private ItemPattern(Regex regex) => _regex = regex;

    /// <exception cref="ArgumentException">The expression does not parse.</exception>
    /// <exception cref="NotSupportedException">The expression needs backtracking.</exception>
    public static ItemPattern Compile(string pattern) =>
        new(new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant));

    public bool IsMatch(string text) => _regex.IsMatch(text);
}
