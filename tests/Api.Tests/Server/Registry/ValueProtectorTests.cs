using System.Text;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Tests.Server.Registry;

public sealed class ValueProtectorTests
{
    private const string SecretKey = "/registry/core/secrets/ns/x";
    private static readonly byte[] Json = """{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"},"data":{"a":"c2VjcmV0"}}"""u8.ToArray();
    private static readonly EncryptionKey First = new("first", [.. Enumerable.Range(0, 32).Select(i => (byte)i)]);
    private static readonly EncryptionKey Second = new("second", [.. Enumerable.Range(7, 32).Select(i => (byte)i)]);

    [Fact]
    public void Seal_OfASecret_HidesIt()
    {
        var value = new ValueProtector(new EncryptionKeys([First])).Seal(SecretKey, Json);

        Assert.StartsWith("k8s:enc:aesgcm:v1:first:", Encoding.Latin1.GetString(value.Span));
        Assert.DoesNotContain("c2VjcmV0", Encoding.Latin1.GetString(value.Span));
    }

    [Fact]
    public void Seal_OfAnotherKind_LeavesItAsItIs() =>
        Assert.Equal(Json, new ValueProtector(new EncryptionKeys([First])).Seal("/registry/core/configmaps/ns/x", Json).ToArray());

    [Fact]
    public void Open_AfterRotation_ReadsOldAndNew()
    {
        var old = new ValueProtector(new EncryptionKeys([First])).Seal(SecretKey, Json);
        var rotated = new ValueProtector(new EncryptionKeys([Second, First]));

        Assert.Equal(Json, rotated.Open(new StoredValue(SecretKey, old, new Revision(1))).Json.ToArray());
        Assert.StartsWith("k8s:enc:aesgcm:v1:second:", Encoding.Latin1.GetString(rotated.Seal(SecretKey, Json).Span));
    }

    [Fact]
    public void Open_OfAValueOfAnotherObject_IsRefused()
    {
        var protector = new ValueProtector(new EncryptionKeys([First]));
        var value = protector.Seal(SecretKey, Json);

        var error = Assert.Throws<StoreException>(() => protector.Open(new StoredValue("/registry/core/secrets/ns/other", value, new Revision(1))));

        Assert.Equal(StoreFault.Corrupt, error.Fault);
    }

    [Fact]
    public void Open_WithoutTheKey_NamesIt()
    {
        var value = new ValueProtector(new EncryptionKeys([First])).Seal(SecretKey, Json);

        var error = Assert.Throws<StoreException>(() => new ValueProtector(new EncryptionKeys([Second])).Open(new StoredValue(SecretKey, value, new Revision(1))));

        Assert.Contains("\"first\"", error.Message);
    }
}
