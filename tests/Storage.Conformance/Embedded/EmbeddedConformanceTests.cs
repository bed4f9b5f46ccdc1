using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Embedded;

namespace ControlPlane.Storage.Conformance.Embedded;

public sealed class EmbeddedConformanceTests : RevisionStoreConformance
{
    private readonly TemporaryDirectory _directory = new();

    protected override async Task<IRevisionStore> OpenAsync() =>
        await EmbeddedRevisionStore.OpenAsync(new EmbeddedStoreOptions(_directory.Path));

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _directory.Dispose();
    }
}
