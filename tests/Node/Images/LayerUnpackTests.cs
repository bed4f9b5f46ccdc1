using System.Formats.Tar;
using System.Text;
using ControlPlane.Agent.Images;
using Microsoft.Extensions.Logging.Abstractions;
using static ControlPlane.Node.Tests.Images.LayerArchive;

namespace ControlPlane.Node.Tests.Images;

public sealed class LayerUnpackTests : IDisposable
{
    private readonly ImageStoreFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Fact]
    public async Task Unpack_EverythingAFileHas_IsKept()
    {
        var file = new PaxTarEntry(TarEntryType.RegularFile, "bin/ping", Attributes(
            ("SCHILY.xattr.user.note", "hi")))
        {
            DataStream = new MemoryStream("#!"u8.ToArray()), Mode = (UnixFileMode)0b100_111_101_101, Uid = 12, Gid = 3_000_000,
            ModificationTime = DateTimeOffset.FromUnixTimeMilliseconds(1_600_000_000_250),
        };
        var root = await UnpackAsync(
            Folder("bin/", (UnixFileMode)0b001_111_111_111), file, HardLink("bin/ping6", "./bin/ping"), Link("sbin", "bin"), Link("gone", "/no/where"),
            File("sbin/through-a-link", "x"), File("empty", ""), File(new string('d', 120) + "/" + new string('f', 200), "long"),
            new PaxTarEntry(TarEntryType.Fifo, "pipe"));

        Assert.Equal("4755 12 3000000 2 1600000000.250000000", Stat("%a %u %g %h %.9Y", root + "/bin/ping"));
        Assert.Equal(Stat("%i", root + "/bin/ping"), Stat("%i", root + "/bin/ping6"));
        Assert.Equal("1777", Stat("%a", root + "/bin"));
        Assert.True(System.IO.File.Exists(root + "/bin/through-a-link"));
        Assert.Equal("/no/where", new FileInfo(root + "/gone").LinkTarget);
        Assert.Equal("long", await System.IO.File.ReadAllTextAsync($"{root}/{new string('d', 120)}/{new string('f', 200)}"));
        Assert.Equal("fifo", Stat("%F", root + "/pipe"));
        Assert.Equal("0", Stat("%s", root + "/empty"));
    }

    [Fact]
    public async Task Unpack_Attributes_KeepsCapabilitiesBytewiseAndDropsOverlaysOwn()
    {
        // VFS_CAP_REVISION_2 with cap_setuid (bit 7) permitted: 0x80 is no text by itself.
        byte[] capability = [1, 0, 0, 2, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0];
        var layer = Raw("tool", capability, "trusted.overlay.opaque", "trusted.overlay.redirect");

        var image = await ImportAsync(layer);

        var dump = ImageStoreFixture.Run(
            "python3", "-c", "import os,sys; p=sys.argv[1]; print(sorted(os.listxattr(p)), os.getxattr(p,'security.capability').hex())",
            image.LayerDirectories[0] + "/tool");
        Assert.Equal($"['security.capability'] {Convert.ToHexStringLower(capability)}", dump.Trim());
    }

    [Fact]
    public async Task Unpack_Whiteouts_HideLowerLayersInAnOverlay()
    {
        var image = await ImportAsync(
            Layer(
                Folder("etc", (UnixFileMode)0b111_000_000), File("etc/keep", "1"), File("etc/drop", "1"), Folder("cache"), File("cache/old", "1"),
                Folder("again"), File("again/old", "1"), File("kept", "lower")),
            Layer(
                File("etc/.wh.drop", ""), File("cache/.wh..wh..opq", ""), File("cache/new", "2"),
                File(".wh.again", ""), Folder("again"), File("again/new", "2"),
                File("kept", "upper"), File(".wh.kept", ""), File(".wh..wh.plnk", "")));
        var mount = _fixture.NewDirectory();

        ImageStoreFixture.Run("mount", "-t", "overlay", "overlay", "-o", "ro,lowerdir=" + string.Join(':', image.LayerDirectories), mount);
        try
        {
            Assert.Equal("again again/new cache cache/new etc etc/keep kept", string.Join(' ', Directory
                .EnumerateFileSystemEntries(mount, "*", SearchOption.AllDirectories).Select(path => Path.GetRelativePath(mount, path)).Order()));
            Assert.Equal("upper", await System.IO.File.ReadAllTextAsync(mount + "/kept"));
            // The upper layer used "etc" without describing it: it is the lower one's directory still.
            Assert.Equal("700", Stat("%a", mount + "/etc"));
        }
        finally
        {
            ImageStoreFixture.Run("umount", mount);
        }
    }

    [Fact]
    public async Task Unpack_LinkThatLeavesTheLayer_IsFollowedInsideIt()
    {
        var outside = _fixture.NewDirectory();

        var root = await UnpackAsync(
            Folder(outside), Folder("etc"), Link("abs", outside), Link("up", "../../../../../../.." + outside), File("abs/a", "1"), File("up/b", "2"),
            Link("loop", "loop2"), Link("loop2", "etc"), File("loop/c", "3"));

        Assert.Empty(Directory.EnumerateFileSystemEntries(outside));
        Assert.Equal("1", await System.IO.File.ReadAllTextAsync(root + outside + "/a"));
        Assert.Equal("2", await System.IO.File.ReadAllTextAsync(root + outside + "/b"));
        Assert.Equal("3", await System.IO.File.ReadAllTextAsync(root + "/etc/c"));
    }

    [Fact]
    public async Task Unpack_LaterEntry_ReplacesTheEarlier()
    {
        var victim = Path.Combine(_fixture.NewDirectory(), "victim");
        await System.IO.File.WriteAllTextAsync(victim, "untouched");

        var root = await UnpackAsync(
            File("a", "1"), File("a", "2"), Folder("b"), File("b/x", "1"), File("b", "now a file"), File("c", "1"), Folder("c"), File("c/y", "1"),
            Link("d", victim), File("d", "not through the link"));

        Assert.Equal("2", await System.IO.File.ReadAllTextAsync(root + "/a"));
        Assert.Equal("now a file", await System.IO.File.ReadAllTextAsync(root + "/b"));
        Assert.Equal("1", await System.IO.File.ReadAllTextAsync(root + "/c/y"));
        Assert.Equal("not through the link", await System.IO.File.ReadAllTextAsync(root + "/d"));
        Assert.Equal("untouched", await System.IO.File.ReadAllTextAsync(victim));
    }

    public static TheoryData<string, TarEntry[]> Hostile => new()
    {
        { "leaves the layer", [File("../escape", "x")] },
        { "leaves the layer", [File("a/../../escape", "x")] },
        { "leaves the layer", [HardLink("passwd", "../../../../etc/passwd")] },
        { "not in this layer", [HardLink("passwd", "/etc/passwd")] },
        { "not in this layer", [Link("etc", "/etc"), HardLink("passwd", "etc/passwd")] },
        { "not in this layer", [Folder("d"), HardLink("e", "d")] },
        { "no file", [HardLink("self", "self")] },
        { "device node", [new PaxTarEntry(TarEntryType.BlockDevice, "sda") { DeviceMajor = 8 }] },
        { "device node", [new PaxTarEntry(TarEntryType.CharacterDevice, "mem") { DeviceMajor = 1, DeviceMinor = 1 }] },
        { "root directory", [File("./", "x"), Link(".", "/")] },
        { "hides no file", [File(".wh...", "")] },
        { "not a file name", [File(new string('n', 256), "x")] },
        { "no usable directory", [Link("a", "b"), Link("b", "a"), File("a/x", "1")] },
        { "no usable directory", [Link("a", "/nowhere"), File("a/x", "1")] },
        { "no usable directory", [File("a", "1"), File("a/x", "1")] },
    };

    [Theory]
    [MemberData(nameof(Hostile))]
    public async Task Unpack_HostileEntry_IsRefusedAndLeavesNothing(string reason, TarEntry[] entries)
    {
        var refusal = await Assert.ThrowsAsync<InvalidImageException>(() => ImportAsync(Layer(entries)));

        Assert.Contains(reason, refusal.Message, StringComparison.Ordinal);
        Assert.Empty(_fixture.Store.List());
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "layers")));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "tmp")));
    }

    [Fact]
    public async Task Unpack_CompressionBomb_IsRefused()
    {
        var zeros = new PaxTarEntry(TarEntryType.RegularFile, "zeros") { DataStream = new MemoryStream(new byte[64 << 20]) };
        var limits = new UnpackLimits { RatioFreeBytes = 1 << 20, MaxRatio = 20 };
        using var store = ImageStore.Open(
            new ImageStoreOptions { Root = _fixture.NewDirectory(), Limits = limits }, TimeProvider.System, NullLogger<ImageStore>.Instance);

        var refusal = await Assert.ThrowsAsync<InvalidImageException>(
            () => store.ImportAsync(Image("x.local/y:1", [Layer(zeros)]), null, CancellationToken.None));

        Assert.Contains("bomb", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unpack_MoreEntriesThanAllowed_IsRefused()
    {
        using var store = ImageStore.Open(
            new ImageStoreOptions { Root = _fixture.NewDirectory(), Limits = new UnpackLimits { MaxEntries = 10 } },
            TimeProvider.System, NullLogger<ImageStore>.Instance);
        var many = Layer([.. Enumerable.Range(0, 11).Select(i => File($"f{i}", ""))]);

        var refusal = await Assert.ThrowsAsync<InvalidImageException>(
            () => store.ImportAsync(Image("x.local/y:1", [many]), null, CancellationToken.None));

        Assert.Contains("more than 10 entries", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unpack_LayerThatIsNotWhatTheConfigPromises_IsRefused()
    {
        var honest = Layer(File("a", "1"));
        var swapped = Gzip(Layer(File("a", "2")));

        var refusal = await Assert.ThrowsAsync<InvalidImageException>(
            () => _fixture.Store.ImportAsync(Image("x.local/y:1", [honest], _ => swapped), null, CancellationToken.None));

        Assert.Contains("the image promises", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Unpack_ZstandardOrPlainLayer_Works(bool zstd)
    {
        var content = string.Concat(Enumerable.Range(0, 100_000).Select(i => i.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        await using var archive = Image("x.local/y:1", [Layer(File("numbers", content))], zstd ? Zstandard : layer => layer);

        var image = Assert.Single(await _fixture.Store.ImportAsync(archive, null, CancellationToken.None));

        Assert.Equal(content, await System.IO.File.ReadAllTextAsync(image.LayerDirectories[0] + "/numbers"));
    }

    [Fact]
    public async Task Unpack_TruncatedGzip_IsRefused()
    {
        var layer = Layer(File("a", new string('x', 10_000)));
        await using var archive = Image("x.local/y:1", [layer], content => Gzip(content)[..^20]);

        await Assert.ThrowsAsync<InvalidImageException>(() => _fixture.Store.ImportAsync(archive, null, CancellationToken.None));
    }

    [Fact]
    public async Task Remove_LayerWithNamesThatAreNoText_DeletesItAll()
    {
        var layer = Raw("\u00ff\u00fe/\u0080", null);
        var image = await ImportAsync(layer);

        Assert.True(_fixture.Store.Remove(ImageReference.Parse("x.local/y:1")));

        Assert.False(Directory.Exists(image.LayerDirectories[0]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(Path.Combine(_fixture.Root, "tmp")));
    }

    private async Task<string> UnpackAsync(params TarEntry[] entries) => (await ImportAsync(Layer(entries))).LayerDirectories[0];

    private async Task<LocalImage> ImportAsync(params byte[][] layers)
    {
        await using var archive = Image("x.local/y:1", layers);
        return Assert.Single(await _fixture.Store.ImportAsync(archive, null, CancellationToken.None));
    }

    private byte[] Zstandard(byte[] layer)
    {
        var plain = Path.Combine(_fixture.NewDirectory(), "layer");
        System.IO.File.WriteAllBytes(plain, layer);
        ImageStoreFixture.Run("zstd", "-q", plain);
        return System.IO.File.ReadAllBytes(plain + ".zst");
    }

    private static string Stat(string format, string path) => ImageStoreFixture.Run("stat", "-c", format, path).Trim();

    private static Dictionary<string, string> Attributes(params (string Key, string Value)[] attributes) =>
        attributes.ToDictionary(attribute => attribute.Key, attribute => attribute.Value);

    // An archive written byte by byte, for what the framework's writer cannot say: raw names and binary attributes.
    private static byte[] Raw(string latinName, byte[]? capability, params string[] otherAttributes)
    {
        using var tar = new MemoryStream();
        var records = new MemoryStream();
        if (capability is not null)
            Record("SCHILY.xattr.security.capability", capability);
        foreach (var attribute in otherAttributes)
            Record("SCHILY.xattr." + attribute, "y"u8.ToArray());
        if (records.Length > 0)
            Entry("pax", 'x', records.ToArray());
        Entry(latinName, '0', "x"u8.ToArray());
        tar.Write(new byte[1024]);
        return tar.ToArray();

        void Record(string key, byte[] value)
        {
            var rest = key.Length + value.Length + 3;
            var length = rest + rest.ToString(System.Globalization.CultureInfo.InvariantCulture).Length;
            if (length.ToString(System.Globalization.CultureInfo.InvariantCulture).Length != (length - rest))
                length++;
            records.Write(Encoding.ASCII.GetBytes($"{length} {key}="));
            records.Write(value);
            records.WriteByte((byte)'\n');
        }

        void Entry(string name, char type, byte[] content)
        {
            var header = new byte[512];
            Encoding.Latin1.GetBytes(name).CopyTo(header, 0);
            "0000644\0"u8.CopyTo(header.AsSpan(100));
            "0000000\0"u8.CopyTo(header.AsSpan(108));
            "0000000\0"u8.CopyTo(header.AsSpan(116));
            Encoding.ASCII.GetBytes(Convert.ToString(content.Length, 8).PadLeft(11, '0')).CopyTo(header, 124);
            "00000000000\0"u8.CopyTo(header.AsSpan(136));
            "        "u8.CopyTo(header.AsSpan(148));
            header[156] = (byte)type;
            "ustar\0"u8.CopyTo(header.AsSpan(257));
            "00"u8.CopyTo(header.AsSpan(263));
            Encoding.ASCII.GetBytes(Convert.ToString(header.Sum(b => (int)b), 8).PadLeft(6, '0') + "\0 ").CopyTo(header, 148);
            tar.Write(header);
            tar.Write(content);
            tar.Write(new byte[(512 - (content.Length % 512)) % 512]);
        }
    }
}
