using System.Text.Json;
using ControlPlane.Agent.Bundles;

namespace ControlPlane.Agent.Tests.Bundles;

public sealed class BundleTests
{
    private static readonly ContainerConfig Minimal = new() { RootfsPath = "/rootfs", Args = ["run"], CgroupPath = "/pod/app" };

    [Fact]
    public void Serialize_NothingAsked_IsTheSafeConfiguration()
    {
        var spec = Serialize(Minimal);
        var process = spec.GetProperty("process");
        var linux = spec.GetProperty("linux");
        Assert.Equal("1.0.2", spec.GetProperty("ociVersion").GetString());
        Assert.True(process.GetProperty("noNewPrivileges").GetBoolean());
        Assert.Equal(0, process.GetProperty("oomScoreAdj").GetInt32());
        Assert.Equal(CapabilitySet.Default, Strings(process.GetProperty("capabilities").GetProperty("bounding")));
        Assert.False(process.GetProperty("capabilities").TryGetProperty("inheritable", out _));
        Assert.Contains("/proc/kcore", Strings(linux.GetProperty("maskedPaths")));
        Assert.Contains("/proc/sys", Strings(linux.GetProperty("readonlyPaths")));
        Assert.Equal("SCMP_ACT_ERRNO", linux.GetProperty("seccomp").GetProperty("defaultAction").GetString());
        var rule = linux.GetProperty("resources").GetProperty("devices")[0];
        Assert.Equal((false, "rwm"), (rule.GetProperty("allow").GetBoolean(), rule.GetProperty("access").GetString()));
        Assert.Contains("ro", Strings(Mount(spec, "/sys/fs/cgroup").GetProperty("options")));
        Assert.Equal(["cgroup", "mount", "pid"], Namespaces(linux).Select(static pair => pair.Type).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Serialize_Namespaces_AreJoinedByPath()
    {
        var spec = Serialize(Minimal with { Namespaces = new ContainerNamespaces { NetworkPath = "/ns/net", IpcPath = "/ns/ipc", UtsPath = "/ns/uts", HostPid = true } });
        Assert.Equal(
            [("cgroup", null), ("ipc", "/ns/ipc"), ("mount", null), ("network", "/ns/net"), ("uts", "/ns/uts")],
            Namespaces(spec.GetProperty("linux")).OrderBy(static pair => pair.Type, StringComparer.Ordinal));
    }

    [Fact]
    public void Serialize_Mounts_ComeAfterThoseTheyLieInAndReplaceStandardOnes()
    {
        var spec = Serialize(Minimal with
        {
            Mounts =
            [
                new() { Source = "/c", Destination = "/data/deep/er", ReadOnly = true },
                new() { Source = "/a", Destination = "/data" },
                new() { Source = "/shm", Destination = "/dev/shm" },
            ],
        });
        var destinations = spec.GetProperty("mounts").EnumerateArray().Select(static mount => mount.GetProperty("destination").GetString()!).ToList();
        Assert.True(destinations.IndexOf("/data") < destinations.IndexOf("/data/deep/er"));
        Assert.Equal("/shm", Mount(spec, "/dev/shm").GetProperty("source").GetString());
        Assert.Equal(["rbind", "rprivate", "rro"], Strings(Mount(spec, "/data/deep/er").GetProperty("options")));
    }

    [Fact]
    public void Serialize_Privileged_LiftsEveryRestriction()
    {
        var linux = Serialize(Minimal with { Privileged = true }).GetProperty("linux");
        Assert.False(linux.TryGetProperty("seccomp", out _));
        Assert.False(linux.TryGetProperty("maskedPaths", out _));
        Assert.True(linux.GetProperty("resources").GetProperty("devices")[0].GetProperty("allow").GetBoolean());
    }

    [Theory]
    [InlineData("mount")]
    [InlineData("unshare")]
    [InlineData("bpf")]
    [InlineData("init_module")]
    [InlineData("io_uring_setup")]
    [InlineData("keyctl")]
    [InlineData("userfaultfd")]
    [InlineData("clone")]
    [InlineData("socket")]
    public void DefaultSeccomp_WithoutCapabilities_HasNoUnconditionalRuleFor(string call)
    {
        var rules = Serialize(Minimal).GetProperty("linux").GetProperty("seccomp").GetProperty("syscalls").EnumerateArray();
        Assert.DoesNotContain(rules, rule => Strings(rule.GetProperty("names")).Contains(call) && !rule.TryGetProperty("args", out _));
    }

    [Fact]
    public void DefaultSeccomp_WithSysAdmin_AllowsMounts()
    {
        var capabilities = CapabilitySet.Resolve(["SYS_ADMIN"], []);
        var rules = Serialize(Minimal with { Capabilities = capabilities }).GetProperty("linux").GetProperty("seccomp").GetProperty("syscalls").EnumerateArray();
        Assert.Contains(rules, static rule => Strings(rule.GetProperty("names")).Contains("mount"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("unconfined")]
    [InlineData("runtime/default")]
    [InlineData("Nonsense")]
    public void SeccompProfile_UnknownType_IsRefused(string type) => Assert.Throws<ArgumentException>(() => SeccompProfile.Named(type, null, "/profiles"));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("../../etc/passwd")]
    [InlineData("/etc/passwd")]
    [InlineData("missing.json")]
    public void SeccompProfile_LocalhostWithoutGoodFile_IsRefused(string? name) => Assert.Throws<ArgumentException>(() => SeccompProfile.Named("Localhost", name, "/profiles"));

    [Fact]
    public void Capabilities_Resolve_AddsAndDropsByEitherName()
    {
        Assert.Equal(["CAP_NET_ADMIN"], CapabilitySet.Resolve(["NET_ADMIN"], ["ALL"]));
        Assert.DoesNotContain("CAP_NET_RAW", CapabilitySet.Resolve([], ["CAP_NET_RAW"]));
        Assert.DoesNotContain("CAP_CHOWN", CapabilitySet.Resolve(["all"], ["chown"]));
        Assert.Equal(CapabilitySet.Default, CapabilitySet.Resolve([], []));
        Assert.Throws<ArgumentException>(() => CapabilitySet.Resolve(["NET_ADMINS"], []));
        Assert.Equal(["CAP_CHOWN", "CAP_CHECKPOINT_RESTORE"], CapabilitySet.Decode((1UL << 40) | 1));
    }

    [Fact]
    public void Write_Bundle_IsReadableByItsOwnerOnly()
    {
        var folder = Path.Combine(Directory.CreateTempSubdirectory("cp-bundle-").FullName, "app");
        Bundle.Write(folder, Minimal);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(folder, Bundle.ConfigFile)));
        Assert.Throws<ArgumentException>(() => Bundle.Write(folder, Minimal with { CgroupPath = "relative" }));
        Assert.Throws<ArgumentException>(() => Bundle.Write(folder, Minimal with { Args = [] }));
        Directory.Delete(Path.GetDirectoryName(folder)!, recursive: true);
    }

    private static JsonElement Serialize(ContainerConfig config) => JsonDocument.Parse(Bundle.Serialize(config)).RootElement;

    private static string[] Strings(JsonElement array) => [.. array.EnumerateArray().Select(static value => value.GetString()!)];

    private static JsonElement Mount(JsonElement spec, string destination) =>
        spec.GetProperty("mounts").EnumerateArray().Single(mount => mount.GetProperty("destination").GetString() == destination);

    private static IEnumerable<(string Type, string? Path)> Namespaces(JsonElement linux) => linux.GetProperty("namespaces").EnumerateArray()
        .Select(static entry => (entry.GetProperty("type").GetString()!, entry.TryGetProperty("path", out var path) ? path.GetString() : null));
}
