using System.Formats.Tar;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.Node.Tests.Images;

/// <summary>Makes image archives out of hand-made layers, with the framework's tar writer.</summary>
internal static class LayerArchive
{
    public static byte[] Layer(params TarEntry[] entries)
    {
        using var buffer = new MemoryStream();
        using (var tar = new TarWriter(buffer, TarEntryFormat.Pax, leaveOpen: true))
            foreach (var entry in entries)
                tar.WriteEntry(entry);
        return buffer.ToArray();
    }

    public static TarEntry File(string name, string content, UnixFileMode mode = (UnixFileMode)0b110_100_100) =>
        new PaxTarEntry(TarEntryType.RegularFile, name) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(content)), Mode = mode };

    public static TarEntry Folder(string name, UnixFileMode mode = (UnixFileMode)0b111_101_101) =>
        new PaxTarEntry(TarEntryType.Directory, name) { Mode = mode };

    public static TarEntry Link(string name, string target) => new PaxTarEntry(TarEntryType.SymbolicLink, name) { LinkName = target };

    public static TarEntry HardLink(string name, string target) => new PaxTarEntry(TarEntryType.HardLink, name) { LinkName = target };

    public static byte[] Gzip(byte[] layer)
    {
        using var buffer = new MemoryStream();
        using (var gzip = new GZipStream(buffer, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(layer);
        return buffer.ToArray();
    }

    /// <summary>An OCI archive of the layers, lowest first; compressed as given.</summary>
    public static Stream Image(string name, IEnumerable<byte[]> layers, Func<byte[], byte[]>? compress = null)
    {
        var blobs = new Dictionary<string, byte[]>();
        var diffIds = new JsonArray();
        var descriptors = new JsonArray();
        foreach (var layer in layers)
        {
            diffIds.Add(Digest(layer));
            descriptors.Add(Describe(blobs, (compress ?? Gzip)(layer), "application/vnd.oci.image.layer.v1.tar+gzip"));
        }

        var config = new JsonObject
        {
            ["architecture"] = "amd64", ["os"] = "linux", ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = diffIds },
        };
        var manifest = new JsonObject
        {
            ["schemaVersion"] = 2,
            ["config"] = Describe(blobs, Bytes(config), "application/vnd.oci.image.config.v1+json"),
            ["layers"] = descriptors,
        };
        var entry = Describe(blobs, Bytes(manifest), "application/vnd.oci.image.manifest.v1+json");
        entry["annotations"] = new JsonObject { ["io.containerd.image.name"] = name };
        var index = new JsonObject { ["schemaVersion"] = 2, ["manifests"] = new JsonArray(entry) };
        return new MemoryStream(Layer(
        [
            new PaxTarEntry(TarEntryType.RegularFile, "index.json") { DataStream = new MemoryStream(Bytes(index)) },
            .. blobs.Select(blob => new PaxTarEntry(TarEntryType.RegularFile, "blobs/sha256/" + blob.Key) { DataStream = new MemoryStream(blob.Value) }),
        ]));
    }

    public static string Digest(byte[] content) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(content));

    private static JsonObject Describe(Dictionary<string, byte[]> blobs, byte[] content, string mediaType)
    {
        var digest = Digest(content);
        blobs[digest["sha256:".Length..]] = content;
        return new JsonObject { ["mediaType"] = mediaType, ["digest"] = digest, ["size"] = content.Length };
    }

    private static byte[] Bytes(JsonObject json) => Encoding.UTF8.GetBytes(json.ToJsonString());
}
