using ControlPlane.Agent.Images;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Pods;

/// <summary>Frees disk from images that no pod uses, when the disk fills up.</summary>
internal sealed partial class ImageCollector(ImageStore store, TimeProvider time, ILogger<ImageCollector> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(5);
    private static readonly GarbagePolicy Policy = new();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            await Task.Delay(Interval, time, stoppingToken);
            try
            {
                store.Collect(Policy);
            }
            catch (IOException e)
            {
                Log.Failed(log, e.Message);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2270, LogLevel.Warning, "Unused images could not be removed: {Problem}")]
        public static partial void Failed(ILogger log, string problem);
    }
}
