using ControlPlane.Api.Storage.Embedded;
using ControlPlane.Api.Storage.Etcd;

namespace ControlPlane.Storage.Conformance;

public sealed class StoreUriTests
{
    [Fact]
    public void Embedded_NamesADirectory() => Assert.Equal("/var/lib/my store", EmbeddedStoreOptions.Parse("embedded:///var/lib/my%20store").Path);

    [Theory]
    [InlineData("embedded://host/path")]
    [InlineData("embedded:///")]
    [InlineData("/var/lib")]
    [InlineData("etcd://a:1")]
    public void Embedded_ElseIsAFormatError(string uri) => Assert.Throws<FormatException>(() => EmbeddedStoreOptions.Parse(uri));

    [Fact]
    public void Etcd_NamesMembersAndPrefix()
    {
        EtcdStoreOptions options = EtcdStoreOptions.Parse("etcd://one:1234,two?prefix=/x%2Fy");

        Assert.Equal([new Uri("http://one:1234"), new Uri("http://two:2379")], options.Endpoints);
        Assert.Equal("/x/y", options.Prefix);
    }

    [Fact]
    public void Etcd_WithTls_SpeaksHttps() => Assert.Equal([new Uri("https://one:2379")], EtcdStoreOptions.Parse("etcd://one?tls=true").Endpoints);

    [Theory]
    [InlineData("http://one")]
    [InlineData("etcd://one?prefx=/x")]
    [InlineData("etcd://one/path")]
    [InlineData("etcd://")]
    public void Etcd_ElseIsAFormatError(string uri) => Assert.Throws<FormatException>(() => EtcdStoreOptions.Parse(uri));
}
