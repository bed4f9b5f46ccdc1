using System.Text;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>One path of a <see cref="FieldSet"/>; its text is the one conflicts are reported with:
/// <c>.spec.containers[name="c"].image</c>.</summary>
public sealed class FieldPathText
{
    private readonly string[] _elements;

    internal FieldPathText(string[] elements) => _elements = elements;

    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var element in _elements)
            Append(text, element);
        return text.ToString();
    }

    internal static void Append(StringBuilder text, string element)
    {
        var content = element[2..];
        switch (element[0])
        {
            case 'f':
                text.Append('.').Append(content);
                break;
            case 'k':
                var keys = StrictJson.ParseObject(Encoding.UTF8.GetBytes(content));
                text.Append('[').AppendJoin(',', keys.Select(key => $"{key.Key}={PathElement.Text(key.Value)}")).Append(']');
                break;
            case 'v':
                text.Append("[=").Append(content).Append(']');
                break;
            default:
                text.Append('[').Append(content).Append(']');
                break;
        }
    }
}
