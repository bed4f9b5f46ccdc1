using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Xml.Linq;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>The summaries of an assembly's doc comments, read from the file the compiler writes beside it. They are the documentation
/// users see in <c>explain</c>, so there is one text, not two.</summary>
internal static class DocComments
{
    private static readonly ConcurrentDictionary<Assembly, Lazy<Dictionary<string, string>>> Files = new();

    public static string? Of(Type type) => Find(type.Assembly, "T:" + NameOf(type));

    public static string? Of(PropertyInfo property) =>
        Find(property.DeclaringType!.Assembly, "P:" + NameOf(property.DeclaringType) + "." + property.Name);

    private static string NameOf(Type type) => type.FullName!.Replace('+', '.');

    private static string? Find(Assembly assembly, string member) =>
        Files.GetOrAdd(assembly, static key => new(() => Load(key))).Value.GetValueOrDefault(member);

    private static Dictionary<string, string> Load(Assembly assembly)
    {
        var path = Path.ChangeExtension(assembly.Location, ".xml");
        var summaries = new Dictionary<string, string>(StringComparer.Ordinal);
        // A trimmed deployment may leave the file out; kinds are then served without descriptions.
        if (!File.Exists(path))
            return summaries;
        foreach (var member in XDocument.Load(path).Descendants("member"))
        {
            if (member.Attribute("name") is { } name && member.Element("summary") is { } summary)
                summaries[name.Value] = PlainText(summary);
        }
        return summaries;
    }

    private static string PlainText(XElement summary)
    {
        var text = new StringBuilder();
        Append(summary, text);
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static void Append(XElement element, StringBuilder text)
    {
        foreach (var node in element.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement { Name.LocalName: "see" or "seealso" } reference)
                text.Append(ReferenceText(reference));
            else if (node is XElement child)
                Append(child, text);
        }
    }

    private static string ReferenceText(XElement reference)
    {
        var target = reference.Attribute("langword")?.Value ?? reference.Attribute("cref")?.Value ?? reference.Value;
        return target[(target.LastIndexOf('.') + 1)..];
    }
}
