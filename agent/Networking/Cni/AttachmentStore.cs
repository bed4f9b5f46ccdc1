using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace ControlPlane.Agent.Networking.Cni;

/// <summary>
/// One file per pod: the configuration it was connected with, written before the first plugin runs, and the result,
/// added after the last. A file without result is a connection that a crash interrupted.
/// </summary>
internal sealed partial class AttachmentStore
{
    private readonly string _directory;

    public AttachmentStore(string directory)
    {
        _directory = directory;
        Directory.CreateDirectory(directory);
    }

    public IEnumerable<string> ContainerIds => Directory.EnumerateFiles(_directory, "*.json").Select(file => Path.GetFileNameWithoutExtension(file)!);

    public JsonObject? Read(string containerId)
    {
        var path = PathOf(containerId);
        if (!File.Exists(path))
            return null;
        try
        {
            return JsonNode.Parse(File.ReadAllText(path)) as JsonObject;
        }
        catch (JsonException)
        {
            // Files are renamed into place whole; what a disk lost since is treated as not written.
            return null;
        }
    }

    public void Write(string containerId, JsonObject attachment)
    {
        var path = PathOf(containerId);
        var temporary = path + ".tmp";
        File.WriteAllText(temporary, attachment.ToJsonString());
        File.Move(temporary, path, overwrite: true);
    }

    public void Delete(string containerId) => File.Delete(PathOf(containerId));

    private string PathOf(string containerId) => ContainerIdPattern().IsMatch(containerId)
        ? Path.Combine(_directory, containerId + ".json")
        : throw new ArgumentException($"\"{containerId}\" is no container id", nameof(containerId));

    [GeneratedRegex("^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}\\z")]
    private static partial Regex ContainerIdPattern();
}
