using System.Text.Json;
using ControlPlane.Agent.Images;
using ControlPlane.Agent.Linux;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>
/// Imports the image archives of a directory, at start and when one appears or changes: images for machines without a registry.
/// </summary>
internal sealed partial class ImageDirectory(string directory, string stateFile, ImageStore store, TimeProvider time, ILogger<ImageDirectory> log)
    : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    private readonly TaskCompletionSource _firstScan = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Dictionary<string, Imported> _imported = Load(stateFile);
    private readonly Dictionary<string, string> _failed = [];
    private readonly Dictionary<string, IDisposable> _held = [];

    /// <summary>Completes when everything that was there at start has been imported.</summary>
    public Task FirstScan => _firstScan.Task;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (directory.Length == 0)
        {
            _firstScan.SetResult();
            return;
        }

        while (true)
        {
            await ScanAsync(stoppingToken);
            _firstScan.TrySetResult();
            await Task.Delay(Interval, time, stoppingToken);
        }
    }

    private async Task ScanAsync(CancellationToken cancellation)
    {
        if (!Directory.Exists(directory))
            return;
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles().Where(f => IsArchive(f.Name)).OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            var stamp = $"{file.Length} {file.LastWriteTimeUtc.Ticks}";
            if (_failed.GetValueOrDefault(file.FullName) == stamp)
                continue;
            if (!IsImported(file.FullName, stamp))
                await ImportAsync(file, stamp, cancellation);
            else if (!_held.ContainsKey(file.FullName))
                Hold(file.FullName);
        }
    }

    private bool IsImported(string path, string stamp) =>
        _imported.TryGetValue(path, out var imported) && imported.Stamp == stamp
        && imported.Names.All(name => ImageReference.TryParse(name, out var reference, out _) && store.Resolve(reference) is not null);

    private async Task ImportAsync(FileInfo file, string stamp, CancellationToken cancellation)
    {
        try
        {
            await using var archive = file.OpenRead();
            var images = await store.ImportAsync(archive, null, cancellation);
            _imported[file.FullName] = new Imported(stamp, [.. images.Select(i => i.References[0])]);
            SmallFile.Replace(stateFile, JsonSerializer.Serialize(_imported));
            Hold(file.FullName);
            Log.Imported(log, file.Name, string.Join(", ", images.Select(i => i.References[0])));
        }
        catch (Exception e) when (e is InvalidImageException or IOException)
        {
            // One bad archive is no reason to leave out the others; it is tried again when it changes.
            _failed[file.FullName] = stamp;
            Log.Refused(log, file.FullName, e.Message);
        }
    }

    // What lies in the directory is wanted on this node: collected as unused it would only be imported again.
    private void Hold(string path)
    {
        var images = _imported[path].Names.Select(name => store.Resolve(ImageReference.Parse(name))).OfType<LocalImage>();
        var holds = images.Select(store.Hold).ToList();
        if (_held.Remove(path, out var before))
            before.Dispose();
        _held[path] = new Holds(holds);
    }

    private static bool IsArchive(string name) =>
        name.EndsWith(".tar", StringComparison.Ordinal) || name.EndsWith(".tar.gz", StringComparison.Ordinal) || name.EndsWith(".oci", StringComparison.Ordinal);

    private static Dictionary<string, Imported> Load(string stateFile)
    {
        try
        {
            return File.Exists(stateFile) ? JsonSerializer.Deserialize<Dictionary<string, Imported>>(File.ReadAllText(stateFile)) ?? [] : [];
        }
        catch (JsonException)
        {
            // Only a memory of work done: without it the archives are imported again.
            return [];
        }
    }

    private sealed class Holds(List<IDisposable> holds) : IDisposable
    {
        public void Dispose() => holds.ForEach(hold => hold.Dispose());
    }

    private sealed record Imported(string Stamp, IReadOnlyList<string> Names);

    private static partial class Log
    {
        [LoggerMessage(2230, LogLevel.Information, "Imported {File}: {Images}")]
        public static partial void Imported(ILogger log, string file, string images);

        [LoggerMessage(2231, LogLevel.Error, "{File} was not imported: {Problem}")]
        public static partial void Refused(ILogger log, string file, string problem);
    }
}
