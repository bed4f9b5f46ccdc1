using System.Text;
using ControlPlane.Api.Server.Requests;

namespace ControlPlane.Api.Server.Health;

/// <summary><c>/livez</c>, <c>/readyz</c> and <c>/healthz</c>, whole or one check at a time.</summary>
internal sealed partial class HealthHandler(IReadOnlyList<HealthCheck> checks, ILogger<HealthHandler> logger)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Answers if the path is one of health.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, string path)
    {
        var segments = path.TrimStart('/').Split('/');
        if (segments is not (["livez" or "readyz" or "healthz"] or ["livez" or "readyz" or "healthz", _]))
            return false;
        var endpoint = segments[0];
        var selected = checks.Where(c => endpoint == "readyz" || !c.IsForReadiness).ToList();
        if (segments.Length == 2)
        {
            selected = [.. selected.Where(c => c.Name == segments[1])];
            if (selected.Count == 0)
                return false;
        }
        await RunAsync(context, endpoint, selected);
        return true;
    }

    private async Task RunAsync(HttpContext context, string endpoint, List<HealthCheck> selected)
    {
        var excluded = context.Request.Query["exclude"].OfType<string>().ToHashSet();
        var report = new StringBuilder();
        var failed = false;
        foreach (var check in selected)
        {
            if (excluded.Remove(check.Name))
            {
                report.Append("[+]").Append(check.Name).Append(" excluded: ok\n");
                continue;
            }
            var problem = await ProbeAsync(check, context.RequestAborted);
            failed |= problem is not null;
            report.Append(problem is null ? "[+]" : "[-]").Append(check.Name).Append(problem is null ? " ok\n" : " failed: reason withheld\n");
            if (problem is not null)
                Log.Failed(logger, check.Name, problem);
        }
        if (excluded.Count > 0)
            report.Append("warn: some health checks cannot be excluded: no matches for ").AppendJoin(", ", excluded.Select(e => $"\"{e}\"")).Append('\n');
        report.Append(endpoint).Append(failed ? " check failed\n" : " check passed\n");
        var verbose = failed || context.Request.Query.ContainsKey("verbose");
        await Responses.WriteTextAsync(context, failed ? 500 : 200, verbose ? report.ToString() : "ok");
    }

    private static async ValueTask<string?> ProbeAsync(HealthCheck check, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(Patience);
        try
        {
            return await check.Check(deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds} s";
        }
        catch (Storage.StoreException error)
        {
            return error.Message;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Health check {Name} failed: {Problem}")]
        public static partial void Failed(ILogger logger, string name, string problem);
    }
}
