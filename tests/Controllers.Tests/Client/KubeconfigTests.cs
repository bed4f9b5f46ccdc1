using System.Text;
using ControlPlane.Api.Client;

namespace ControlPlane.Controllers.Tests.Client;

public sealed class KubeconfigTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("kubeconfig-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void FromKubeconfig_DataAndFiles_ReadsBoth()
    {
        File.WriteAllText(Path.Combine(_folder.FullName, "client.pem"), "CERTIFICATE");
        var config = Read($"""
            current-context: main
            contexts:
            - name: main
              context: {"{"}cluster: here, user: me, namespace: shop{"}"}
            clusters:
            - name: here
              cluster:
                server: https://127.0.0.1:6443
                certificate-authority-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes("AUTHORITY"))}
            users:
            - name: me
              user:
                client-certificate: client.pem
                client-key-data: {Convert.ToBase64String(Encoding.UTF8.GetBytes("KEY"))}
            """);

        Assert.Equal(new Uri("https://127.0.0.1:6443"), config.Server);
        Assert.Equal(("AUTHORITY", "CERTIFICATE", "KEY", "shop"), (config.CertificateAuthorityPem, config.ClientCertificatePem, config.ClientKeyPem, config.Namespace));
    }

    [Fact]
    public void FromKubeconfig_OtherContext_TakesItsUser()
    {
        const string Text = """
            {"current-context":"a","contexts":[{"name":"a","context":{"cluster":"c"}},{"name":"b","context":{"cluster":"c","user":"u"}}],
             "clusters":[{"name":"c","cluster":{"server":"https://h:1"}}],"users":[{"name":"u","user":{"token":"secret"}}]}
            """;

        Assert.Equal("secret", Read(Text, "b").Token);
        Assert.Null(Read(Text).Token);
    }

    [Theory]
    [InlineData("exec: {command: x}", "exec")]
    [InlineData("username: x", "username")]
    [InlineData("client-key-data: aGFsZg==", "client-certificate")]
    public void FromKubeconfig_WhatWeCannotDo_IsRefusedByName(string user, string named)
    {
        var e = Assert.Throws<ClientConfigException>(() => Read($$$"""
            current-context: a
            contexts: [{name: a, context: {cluster: c, user: u}}]
            clusters: [{name: c, cluster: {server: 'https://h:1'}}]
            users:
            - name: u
              user:
                {{{user}}}
            """));

        Assert.Contains(named, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ToString_NeverShowsSecrets()
    {
        var config = new ClientConfig { Server = new Uri("https://h:1"), Token = "secret", ClientKeyPem = "key" };

        Assert.Equal("https://h:1/", config.ToString());
    }

    private ClientConfig Read(string text, string? context = null)
    {
        var path = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(path, text);
        return ClientConfig.FromKubeconfig(path, context);
    }
}
