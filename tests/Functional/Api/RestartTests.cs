using ControlPlane.Testing;

namespace ControlPlane.Functional.Api;

public sealed class RestartTests
{
    [Fact]
    public async Task Restart_KeepsObjectsSecretsAndVersions()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var http = cluster.CreateHttpClient();
        await http.SendJsonAsync(HttpMethod.Post, "/api/v1/namespaces/default/secrets", """{"metadata":{"name":"s"},"stringData":{"a":"confidential"}}""");
        var before = (await http.ReadAsync("/api/v1/namespaces/default/secrets/s")).Text;

        await cluster.RestartServerAsync();

        using var again = cluster.CreateHttpClient();
        Assert.Equal(before, (await again.ReadAsync("/api/v1/namespaces/default/secrets/s")).Text);
        await cluster.StopServerAsync();
        var stored = string.Concat(Directory.GetFiles(Path.Combine(cluster.DirectoryPath, "store"), "*", SearchOption.AllDirectories)
            .Select(f => File.ReadAllText(f, System.Text.Encoding.Latin1)));
        Assert.Contains("k8s:enc:aesgcm:v1:", stored);
        Assert.DoesNotContain(Convert.ToBase64String("confidential"u8), stored);
    }

    [Fact]
    public async Task Stop_EndsWatchesCleanly()
    {
        await using var cluster = await TestCluster.StartAsync();
        using var http = cluster.CreateHttpClient();
        using var response = await http.GetAsync("/api/v1/configmaps?watch=1&resourceVersion=0", HttpCompletionOption.ResponseHeadersRead);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        await cluster.StopServerAsync();

        Assert.Null(await reader.ReadLineAsync());
    }

    [Fact]
    public void Options_WithMistakes_AreAllNamed()
    {
        var problems = new ControlPlane.Api.Server.ApiServerOptions { Listen = "http://x", Storage = "floppy://a" }.Validate();

        Assert.Contains(problems, p => p.StartsWith("--listen:", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("--storage:", StringComparison.Ordinal));
        Assert.Contains(problems, p => p.StartsWith("--tls-cert", StringComparison.Ordinal));
    }
}
