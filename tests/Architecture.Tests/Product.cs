using System.Reflection;
using System.Xml.Linq;

namespace ControlPlane.Architecture.Tests;

/// <summary>The product's projects, source files and assemblies.</summary>
internal static class Product
{
    private static readonly string[] Areas = ["api", "controllers", "agent"];

    public static string Root { get; } = FindRoot();

    public static IReadOnlyList<Project> Projects { get; } =
        [.. Areas.SelectMany(static area => Directory.EnumerateFiles(Path.Combine(Root, area), "*.csproj", SearchOption.AllDirectories)).Select(static file => new Project(file))];

    public static IEnumerable<string> SourceFiles => Projects.SelectMany(static project => project.SourceFiles);

    /// <summary>Assemblies of the product beside this test.</summary>
    public static IEnumerable<Assembly> Assemblies =>
        Directory.EnumerateFiles(AppContext.BaseDirectory, "ControlPlane.*.dll").Where(static file => !file.Contains(".Tests", StringComparison.Ordinal)).Select(Assembly.LoadFrom);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "ControlPlane.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no checkout.");
    }
}

/// <summary>One project file.</summary>
internal sealed class Project(string file)
{
    public string File { get; } = file;

    public string Name { get; } = Path.GetFileNameWithoutExtension(file);

    public string Folder => Path.GetDirectoryName(File)!;

    public IReadOnlyList<string> References { get; } =
        [.. XDocument.Load(file).Descendants("ProjectReference").Select(static reference => Path.GetFileNameWithoutExtension((string)reference.Attribute("Include")!.Value.Replace('\\', '/')))];

    public IReadOnlyList<string> Packages { get; } =
        [.. XDocument.Load(file).Descendants("PackageReference").Select(static package => package.Attribute("Include")!.Value)];

    public IEnumerable<string> SourceFiles =>
        Directory.EnumerateFiles(Folder, "*.cs", SearchOption.AllDirectories)
            .Where(static path => !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));
}
