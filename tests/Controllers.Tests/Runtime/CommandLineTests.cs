using ControlPlane.Api.Client;
using ControlPlane.Controllers.Hosting;

namespace ControlPlane.Controllers.Tests.Runtime;

public sealed class CommandLineTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("command-line-");
    private readonly string _kubeconfig;

    public CommandLineTests()
    {
        _kubeconfig = Path.Combine(_folder.FullName, "config");
        File.WriteAllText(_kubeconfig, """
            current-context: a
            contexts: [ { name: a, context: { cluster: c } } ]
            clusters: [ { name: c, cluster: { server: 'https://127.0.0.1:1' } } ]
            """);
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Parse_AllForms_AreRead()
    {
        var options = CommandLine.Parse(["--kubeconfig", _kubeconfig, "--controllers=*,-b", "--leader-elect=false", "--node-grace=20s", "--verbose"]);

        Assert.Equal(["*", "-b"], options.Controllers);
        Assert.False(options.LeaderElect);
        Assert.Equal(("20s", "true"), (options.Settings["node-grace"], options.Settings["verbose"]));
    }

    [Theory]
    [InlineData("stray")]
    [InlineData("--leader-elect=perhaps")]
    public void Parse_Nonsense_IsRefused(string argument) =>
        Assert.Contains(argument, Assert.Throws<ClientConfigException>(() => CommandLine.Parse([$"--kubeconfig={_kubeconfig}", argument])).Message, StringComparison.Ordinal);

    [Fact]
    public void Build_UnknownNames_AreAllReported()
    {
        var builder = Builder("a,nobody", ("lenght", "5"));
        builder.Setting("length", 3, "how long");

        var e = Assert.Throws<ClientConfigException>(builder.Build);

        Assert.Contains("--lenght", e.Message, StringComparison.Ordinal);
        Assert.Contains("nobody", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("20s", 20)]
    [InlineData("500ms", 0.5)]
    [InlineData("1.5m", 90)]
    [InlineData("2h", 7200)]
    public void Setting_Times_AreRead(string text, double seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), Builder("*", ("t", text)).Setting("t", TimeSpan.Zero, ""));

    [Theory]
    [InlineData("20")]
    [InlineData("-1s")]
    [InlineData("s")]
    [InlineData("00:00:05")]
    public void Setting_WrongTimes_AreRefused(string text) =>
        Assert.Throws<ClientConfigException>(() => Builder("*", ("t", text)).Setting("t", TimeSpan.Zero, ""));

    [Theory]
    [InlineData("*", "a,b,c")]
    [InlineData("*,-b", "a,c")]
    [InlineData("b", "b")]
    [InlineData("-b", "")]
    public void Select_Terms_ChooseControllers(string terms, string expected)
    {
        var all = "abc".Select(static c => new ControllerDefinition(c.ToString(), [], [], 1, null, null)).ToList();
        var faults = new List<string>();

        Assert.Equal(expected, string.Join(',', ControllerSelection.Select(all, terms.Split(','), faults).Select(static c => c.Name)));
        Assert.Empty(faults);
    }

    private ControllerHostBuilder Builder(string controllers, params (string Name, string Value)[] settings)
    {
        var builder = new ControllerHostBuilder(new ControllerHostOptions
        {
            Client = ClientConfig.FromKubeconfig(_kubeconfig),
            Controllers = controllers.Split(','),
            Settings = settings.ToDictionary(static s => s.Name, static s => s.Value),
        });
        return builder.AddController("a", static controller => controller.Runs(static (_, _) => Task.CompletedTask));
    }
}
