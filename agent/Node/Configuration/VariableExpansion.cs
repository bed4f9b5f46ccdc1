using System.Text;

namespace ControlPlane.Agent.Configuration;

/// <summary>
/// <c>$(NAME)</c> in commands, arguments and variables, with Kubernetes' rules: <c>$$</c> is a dollar sign, and a reference to an unknown
/// name stays as it is written.
/// </summary>
internal static class VariableExpansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        var dollar = text.IndexOf('$', StringComparison.Ordinal);
        if (dollar < 0)
            return text;
        var result = new StringBuilder(text.Length);
        var position = 0;
        while (dollar >= 0 && dollar + 1 < text.Length)
        {
            result.Append(text, position, dollar - position);
            position = dollar;
            var next = text[dollar + 1];
            if (next == '$')
            {
                result.Append('$');
                position = dollar + 2;
            }
            else if (next == '(' && text.IndexOf(')', dollar + 2) is var close and >= 0)
            {
                var reference = text[dollar..(close + 1)];
                result.Append(variables.TryGetValue(reference[2..^1], out var value) ? value : reference);
                position = close + 1;
            }
            else
            {
                result.Append(text, dollar, 2);
                position = dollar + 2;
            }

            dollar = text.IndexOf('$', position);
        }

        return result.Append(text, position, text.Length - position).ToString();
    }
}
