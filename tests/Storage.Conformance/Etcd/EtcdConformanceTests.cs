using ControlPlane.Api.Storage;
using ControlPlane.Api.Storage.Etcd;

namespace ControlPlane.Storage.Conformance.Etcd;

public sealed class EtcdConformanceTests(EtcdServer server) : RevisionStoreConformance, IClassFixture<EtcdServer>
{
    protected override async Task<IRevisionStore> OpenAsync() => await EtcdRevisionStore.ConnectAsync(server.Options($"/test-{Guid.NewGuid():n}"), Token);
}
