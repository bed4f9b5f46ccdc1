using System.Reflection;
using System.Reflection.Metadata;
using System.Runtime.CompilerServices;

namespace ControlPlane.Architecture.Tests;

/// <summary>Sizes above which a file, a method or a constructor is several things.</summary>
public sealed class BudgetTests
{
    private const int FileLines = 600, MethodLines = 100, ConstructorParameters = 7;

    [Fact]
    public void Files_StayWithinTheirBudget()
    {
        var wrong = from file in Product.SourceFiles
                    let lines = File.ReadLines(file).Count()
                    where lines > FileLines
                    select $"{Path.GetRelativePath(Product.Root, file)}: {lines} lines, more than {FileLines}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Methods_StayWithinTheirBudget()
    {
        var wrong = new List<string>();
        foreach (var pdb in Directory.EnumerateFiles(AppContext.BaseDirectory, "ControlPlane.*.pdb").Where(static file => !file.Contains(".Tests", StringComparison.Ordinal)))
        {
            using var stream = File.OpenRead(pdb);
            using var provider = MetadataReaderProvider.FromPortablePdbStream(stream);
            var reader = provider.GetMetadataReader();
            foreach (var handle in reader.MethodDebugInformation)
            {
                var points = reader.GetMethodDebugInformation(handle).GetSequencePoints().Where(static point => !point.IsHidden).ToArray();
                if (points.Length == 0 || points.DistinctBy(static point => point.Document).Count() > 1)
                    continue;
                var first = points.Min(static point => point.StartLine);
                var lines = points.Max(static point => point.EndLine) - first + 1;
                var file = reader.GetString(reader.GetDocument(points[0].Document).Name);
                if (lines > MethodLines && !file.Contains("/obj/", StringComparison.Ordinal))
                    wrong.Add($"{Path.GetRelativePath(Product.Root, file)}:{first}: a method of {lines} lines, more than {MethodLines}");
            }
        }

        Assert.Empty(wrong.Distinct());
    }

    [Fact]
    public void Constructors_TakeFewParameters()
    {
        var wrong = from type in Types()
                    where !IsRecord(type)
                    from constructor in type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
                    let count = constructor.GetParameters().Length
                    where count > ConstructorParameters
                    select $"{type.FullName}: a constructor of {count} parameters, more than {ConstructorParameters}";
        Assert.Empty(wrong);
    }

    [Fact]
    public void Classes_AreSealedUnlessMadeToBeDerivedFrom()
    {
        var types = Types().ToArray();
        var bases = types.Select(static type => type.BaseType).OfType<Type>().Select(static type => type.IsGenericType ? type.GetGenericTypeDefinition() : type).ToHashSet();
        var wrong = from type in types
                    where type is { IsClass: true, IsSealed: false, IsAbstract: false } && !bases.Contains(type)
                    select $"{type.FullName} is neither sealed nor a base of anything";
        Assert.Empty(wrong);
    }

    private static IEnumerable<Type> Types() =>
        Product.Assemblies.SelectMany(static assembly => assembly.GetTypes())
            .Where(static type => type.GetCustomAttribute<CompilerGeneratedAttribute>() is null && !type.Name.Contains('<', StringComparison.Ordinal) && !IsGenerated(type));

    /// <summary>Protobuf messages and the like are what their generator makes them.</summary>
    private static bool IsGenerated(Type type) => type.GetInterfaces().Any(static i => i.FullName == "Google.Protobuf.IMessage") || type.DeclaringType is { } outer && IsGenerated(outer);

    /// <summary>A record's constructor names its data; that is not a list of collaborators.</summary>
    private static bool IsRecord(Type type) => type.GetMethod("<Clone>$") is not null || type.IsValueType;
}
