using System.Text.Json;
using System.Text.Json.Serialization;
using ControlPlane.Agent.Linux;
using ControlPlane.Api.Serialization;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// The pods' state on disk, one file each. A file is replaced by rename and written before what it announces is done, so that after a
/// kill at any instruction it names everything that may exist.
/// </summary>
internal sealed partial class PodStore
{
    private static readonly JsonSerializerOptions Options = CreateOptions();

    private readonly string _root;
    private readonly ILogger<PodStore> _log;

    public PodStore(string rootDirectory, ILogger<PodStore> log)
    {
        _root = Path.Combine(Path.GetFullPath(rootDirectory), "pods");
        _log = log;
        Directory.CreateDirectory(_root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public PodPaths PathsOf(string uid) => new(_root, uid);

    /// <summary>Every pod whose directory exists and says what it is; other directories are remains, see <see cref="Remains"/>.</summary>
    public IReadOnlyList<PodState> LoadAll()
    {
        var states = new List<PodState>();
        foreach (var directory in Directory.EnumerateDirectories(_root))
        {
            if (Load(directory) is { } state)
                states.Add(state);
        }

        return states;
    }

    /// <summary>Directories of pods that were being removed, or that never got as far as a state.</summary>
    public IEnumerable<string> Remains() => Directory.EnumerateDirectories(_root).Where(d => !File.Exists(Path.Combine(d, "state.json")));

    public byte[] Serialize(PodState state) => JsonSerializer.SerializeToUtf8Bytes(state, Options);

    public void Save(PodState state, byte[] serialized)
    {
        var paths = PathsOf(state.Uid);
        Directory.CreateDirectory(paths.Root, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        SmallFile.Replace(paths.State, System.Text.Encoding.UTF8.GetString(serialized));
    }

    /// <summary>
    /// Removes a pod's directory. First the state, so that a removal cut short leaves remains and not a pod that would run again.
    /// </summary>
    public void Remove(string uid)
    {
        var paths = PathsOf(uid);
        if (!Directory.Exists(paths.Root))
            return;
        SmallFile.Remove(paths.State);
        Directory.Delete(paths.Root, recursive: true);
    }

    private PodState? Load(string directory)
    {
        var path = Path.Combine(directory, "state.json");
        try
        {
            return File.Exists(path) ? JsonSerializer.Deserialize<PodState>(File.ReadAllBytes(path), Options) : null;
        }
        catch (JsonException e)
        {
            // Its shim's directory still tells what runs; whoever cleans remains ends it.
            Log.Unreadable(_log, path, e.Message);
            File.Delete(path);
            return null;
        }
    }

    private static JsonSerializerOptions CreateOptions()
    {
        // As the API writes records, but with times to the tick: restart delays are shorter than a second.
        var options = new JsonSerializerOptions(ApiJson.Options);
        options.Converters.Clear();
        options.Converters.Add(new JsonStringEnumConverter());
        options.MakeReadOnly();
        return options;
    }

    private static partial class Log
    {
        [LoggerMessage(2100, LogLevel.Error, "{Path} is damaged and was removed; what runs of the pod is ended: {Problem}")]
        public static partial void Unreadable(ILogger log, string path, string problem);
    }
}
