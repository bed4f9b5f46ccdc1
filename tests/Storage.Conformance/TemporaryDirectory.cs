namespace ControlPlane.Storage.Conformance;

internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("store-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
