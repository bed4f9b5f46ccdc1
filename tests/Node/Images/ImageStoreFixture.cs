using System.Diagnostics;
using ControlPlane.Agent.Images;
using Microsoft.Extensions.Logging.Abstractions;

namespace ControlPlane.Node.Tests.Images;

/// <summary>A store in a directory of its own, and the archives that hack/images makes.</summary>
public sealed class ImageStoreFixture : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("cp-images-").FullName;

    public ImageStoreFixture() => Store = Open();

    public ImageStore Store { get; private set; }

    public string Root => Path.Combine(_root, "store");

    public static string Archive(string name)
    {
        var repository = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(repository.FullName, "ControlPlane.sln")))
            repository = repository.Parent ?? throw new InvalidOperationException("the tests do not run inside the repository");
        var archive = Path.Combine(repository.FullName, ".run", "images", name + ".tar");
        if (!File.Exists(archive))
            Run(Path.Combine(repository.FullName, "hack", "images"), name);
        return archive;
    }

    public static string Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0
            ? output.Result
            : throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} exited {process.ExitCode}: {errors}");
    }

    public string NewDirectory() => Directory.CreateDirectory(Path.Combine(_root, Guid.NewGuid().ToString("N"))).FullName;

    public ImageStore Reopen()
    {
        Store.Dispose();
        return Store = Open();
    }

    public async Task<LocalImage> ImportAsync(string name)
    {
        await using var archive = File.OpenRead(Archive(name));
        return Assert.Single(await Store.ImportAsync(archive, null, CancellationToken.None));
    }

    public void Dispose()
    {
        Store.Dispose();
        Run("rm", "-rf", _root);
    }

    private ImageStore Open() =>
        ImageStore.Open(new ImageStoreOptions { Root = Root }, TimeProvider.System, NullLogger<ImageStore>.Instance);
}
