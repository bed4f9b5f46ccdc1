using System.Globalization;

namespace ControlPlane.Api.Machinery.Yaml;

/// <summary>A key that was given twice in one mapping.</summary>
/// <param name="Line">Where the later one stands; the first line is 1.</param>
/// <param name="Key">The key.</param>
/// <param name="Path">Full path of the field: <c>spec.replicas</c>.</param>
public sealed record YamlDuplicate(int Line, string Key, string Path)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"line {Line}: key \"{Key}\" already set in map");
}
