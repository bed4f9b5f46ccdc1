using ControlPlane.Api.Client;
using ControlPlane.Api.Meta;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Objects;

/// <summary>
/// Keeps a sink in step with the API: lists, watches from the list's version, and after a break goes on from the last version seen, so
/// that nothing is lost or doubled. Only a complete list replaces what is known; while the API is away the sink keeps what it has.
/// </summary>
internal sealed partial class ObjectWatch<T>(IApiClient client, string? fieldSelector, IObjectSink<T> sink, TimeProvider time, ILogger log)
    : BackgroundService
    where T : Resource
{
    private const int PageSize = 500;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(10);
    private static readonly string Kind = ResourceInfo.Of<T>().Plural;

    private string? _version;
    private TimeSpan _pause = FirstPause;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (_version is null)
                    await ListAsync(stoppingToken);
                await WatchAsync(stoppingToken);
            }
            catch (ApiException e) when (e.IsExpired)
            {
                Log.Expired(log, Kind);
                _version = null;
            }
            catch (Exception e) when (e is ApiException or ApiUnreachableException && !stoppingToken.IsCancellationRequested)
            {
                Log.Broken(log, Kind, e.Message, _pause.TotalSeconds);
                await Task.Delay(_pause * (0.5 + Random.Shared.NextDouble()), time, stoppingToken);
                _pause = _pause * 2 < LongestPause ? _pause * 2 : LongestPause;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
        }
    }

    private async Task ListAsync(CancellationToken cancellation)
    {
        var items = new List<T>();
        var options = new ListOptions { FieldSelector = fieldSelector, Limit = PageSize };
        while (true)
        {
            var page = await client.ListAsync<T>(options, cancellation);
            items.AddRange(page.Items);
            if (string.IsNullOrEmpty(page.Metadata.Continue))
            {
                _version = page.Metadata.ResourceVersion;
                break;
            }

            options = options with { Continue = page.Metadata.Continue };
        }

        sink.Replace(items);
        Log.Listed(log, Kind, items.Count, _version);
    }

    private async Task WatchAsync(CancellationToken cancellation)
    {
        var options = new WatchOptions { FieldSelector = fieldSelector, ResourceVersion = _version };
        await foreach (var change in client.WatchAsync<T>(options, cancellation))
        {
            _pause = FirstPause;
            switch (change)
            {
                case { Type: WatchEventType.Added or WatchEventType.Modified, Object: { } item }:
                    sink.Upsert(item);
                    break;
                case { Type: WatchEventType.Deleted, Object: { } item }:
                    sink.Remove(item);
                    break;
            }

            _version = change.ResourceVersion;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(2000, LogLevel.Debug, "Listed {Count} {Kind} at {Version}")]
        public static partial void Listed(ILogger log, string kind, int count, string? version);

        [LoggerMessage(2001, LogLevel.Information, "The watch of {Kind} is too old; listing again")]
        public static partial void Expired(ILogger log, string kind);

        [LoggerMessage(2002, LogLevel.Warning, "No news of {Kind}: {Problem}; next try in {Seconds:0.#} s")]
        public static partial void Broken(ILogger log, string kind, string problem, double seconds);
    }
}
