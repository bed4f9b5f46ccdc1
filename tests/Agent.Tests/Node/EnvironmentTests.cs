using System.Text;
using ControlPlane.Agent.Configuration;
using ControlPlane.Api.Core.V1;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;

namespace ControlPlane.Agent.Tests.Node;

public sealed class EnvironmentTests
{
    private static readonly ConfigSources Sources = new()
    {
        Secrets = new Dictionary<string, Secret>
        {
            ["s"] = new() { Metadata = new ObjectMeta { Name = "s", Namespace = "ns" }, Data = new Dictionary<string, byte[]> { ["pw"] = "hunter2"u8.ToArray(), ["bin"] = [0xff, 0x00] } },
        },
        ConfigMaps = new Dictionary<string, ConfigMap>
        {
            ["m"] = new() { Metadata = new ObjectMeta { Name = "m", Namespace = "ns" }, Data = new Dictionary<string, string> { ["LEVEL"] = "debug", ["PORT"] = "1" } },
        },
    };

    [Theory]
    [InlineData("$(A)", "1")]
    [InlineData("x$(A)y$(B)z", "x1y2z")]
    [InlineData("$$(A)", "$(A)")]
    [InlineData("$(NOPE)", "$(NOPE)")]
    [InlineData("$A $", "$A $")]
    [InlineData("$(A", "$(A")]
    [InlineData("$$$(A)", "$1")]
    [InlineData("", "")]
    public void Expand_FollowsKubernetes(string text, string expected) =>
        Assert.Equal(expected, VariableExpansion.Expand(text, new Dictionary<string, string> { ["A"] = "1", ["B"] = "2" }));

    [Fact]
    public void Build_OfAllSources_LetsTheLaterWin()
    {
        var container = new Container
        {
            Name = "c",
            EnvFrom = [new EnvFromSource { ConfigMapRef = new EnvSource { Name = "m" } }, new EnvFromSource { Prefix = "S_", SecretRef = new EnvSource { Name = "gone", Optional = true } }],
            Env =
            [
                new EnvVar { Name = "PW", ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = "s", Key = "pw" } } },
                new EnvVar { Name = "URL", Value = "http://$(HOST):$(PORT)/$(PW)" },
                new EnvVar { Name = "ME", ValueFrom = new EnvVarSource { FieldRef = new ObjectFieldSelector { FieldPath = "metadata.name" } } },
                new EnvVar { Name = "NONE", ValueFrom = new EnvVarSource { ConfigMapKeyRef = new KeySelector { Name = "m", Key = "gone", Optional = true } } },
            ],
        };

        var result = EnvironmentBuilder.Build(container, ["PORT=80", "PATH=/bin"], new Dictionary<string, string> { ["HOST"] = "10.0.0.1" }, Sources, _ => "p1");

        Assert.Equal("http://10.0.0.1:1/hunter2", result["URL"]);
        Assert.Equal(("debug", "p1", "/bin"), (result["LEVEL"], result["ME"], result["PATH"]));
        Assert.False(result.ContainsKey("NONE"));
    }

    [Theory]
    [InlineData("gone", "pw", "secret \"gone\" not found")]
    [InlineData("s", "gone", "couldn't find key gone in secret ns/s")]
    [InlineData("s", "bin", "key bin of secret \"s\" is not text and cannot be an environment variable; mount it as a file")]
    public void Build_WithMissingSecret_NamesWhatIsMissing(string name, string key, string message)
    {
        var container = new Container { Name = "c", Env = [new EnvVar { Name = "X", ValueFrom = new EnvVarSource { SecretKeyRef = new KeySelector { Name = name, Key = key } } }] };
        var error = Assert.Throws<ContainerConfigException>(() => EnvironmentBuilder.Build(container, [], new Dictionary<string, string>(), Sources, _ => ""));
        Assert.Equal(message, error.Message);
    }

    [Fact]
    public void Links_OfVips_AreNamedLikeServices()
    {
        var vip = new Vip
        {
            Metadata = new ObjectMeta { Name = "web-front" },
            Spec = new VipSpec { Ports = [new VipPort { Port = 80, Name = "http" }, new VipPort { Port = 443, Name = "tls" }] },
            Status = new VipStatus { Address = "10.96.0.7" },
        };
        var links = VipLinks.Build([vip, new Vip { Metadata = new ObjectMeta { Name = "no-address" }, Spec = new VipSpec { Ports = [new VipPort { Port = 1 }] } }]);
        Assert.Equal(
            new Dictionary<string, string>
            {
                ["WEB_FRONT_SERVICE_HOST"] = "10.96.0.7", ["WEB_FRONT_SERVICE_PORT"] = "80", ["WEB_FRONT_SERVICE_PORT_HTTP"] = "80", ["WEB_FRONT_SERVICE_PORT_TLS"] = "443",
            },
            links);
    }

    [Theory]
    [InlineData(new string[0], new string[0], "ep cmd")]
    [InlineData(new[] { "sh" }, new string[0], "sh")]
    [InlineData(new string[0], new[] { "$(A)" }, "ep 1")]
    [InlineData(new[] { "sh", "$$(A)" }, new[] { "-c" }, "sh $(A) -c")]
    public void CommandLine_TakesFromTheImageWhatThePodLeavesOut(string[] command, string[] arguments, string expected)
    {
        var line = CommandLine.Build(new Container { Name = "c", Command = command, Args = arguments }, ["ep"], ["cmd"], new Dictionary<string, string> { ["A"] = "1" });
        Assert.Equal(expected, string.Join(' ', line));
    }

    [Theory]
    [InlineData("metadata.labels['a.b/c']", "label")]
    [InlineData("metadata.annotations['gone']", "")]
    [InlineData("status.podIP", "10.1.1.1")]
    [InlineData("status.hostIP", "10.2.2.2")]
    public void Field_IsRead(string path, string expected)
    {
        var pod = new Pod { Metadata = new ObjectMeta { Labels = new Dictionary<string, string> { ["a.b/c"] = "label" } } };
        Assert.Equal(expected, PodFields.Read(path, pod, "10.1.1.1", "10.2.2.2"));
    }

    [Fact]
    public void Files_OfConfigMap_StayInsideTheVolume()
    {
        var source = new ConfigMapVolumeSource { Name = "m", Items = [new KeyToPath { Key = "LEVEL", Path = "../../etc/passwd" }] };
        Assert.Throws<ContainerConfigException>(() => VolumeFiles.Of("v", source, Sources));
    }

    [Fact]
    public void Files_OfSecret_HaveTheirModes()
    {
        var source = new SecretVolumeSource { SecretName = "s", DefaultMode = 256, Items = [new KeyToPath { Key = "pw", Path = "a/b", Mode = 420 }] };
        var file = Assert.Single(VolumeFiles.Of("v", source, Sources));
        Assert.Equal(("a/b", (UnixFileMode)420, "hunter2"), (file.Path, file.Mode, Encoding.UTF8.GetString(file.Content.Span)));
    }
}
