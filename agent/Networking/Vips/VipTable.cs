using System.Text.RegularExpressions;
using ControlPlane.Agent.Networking.Programs;
using Microsoft.Extensions.Logging;

namespace ControlPlane.Agent.Networking.Vips;

/// <summary>
/// Programs VIPs into nftables: one transaction per change, which touches only what changed. The first change of a
/// process replaces whatever an earlier process left in the table, in one step, without a gap.
/// </summary>
public sealed partial class VipTable : IDisposable
{
    private readonly VipTableOptions _options;
    private readonly IProgramRunner _programs;
    private readonly ILogger _log;
    private readonly SemaphoreSlim _turn = new(1, 1);

    // What the kernel holds; null when that is not known. Changed only by whoever has the turn.
    private VipState? _applied;

    public VipTable(VipTableOptions options, ILogger<VipTable> log)
        : this(options, ProgramRunner.Instance, log)
    {
    }

    internal VipTable(VipTableOptions options, IProgramRunner programs, ILogger<VipTable> log)
    {
        if (!TableName().IsMatch(options.Table))
            throw new ArgumentException($"\"{options.Table}\" is no name for an nftables table", nameof(options));
        _options = options;
        _programs = programs;
        _log = log;
    }

    /// <summary>Makes the node serve exactly these VIPs. Established connections are left alone.</summary>
    /// <exception cref="NetworkException">nftables refused; the next call programs everything anew.</exception>
    public async Task ApplyAsync(IReadOnlyCollection<VipService> services, CancellationToken cancellation)
    {
        var desired = VipState.From(services, _options);
        await _turn.WaitAsync(cancellation);
        try
        {
            var script = _applied is { } applied ? VipScript.Change(_options, applied, desired) : VipScript.Replace(_options, desired);
            if (script.Length == 0)
                return;
            await TransactAsync(script, cancellation);
            _applied = desired;
            Log.Applied(_log, _options.Table, services.Count, desired.Rules.Count);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Deletes the table.</summary>
    public async Task RemoveAsync(CancellationToken cancellation)
    {
        await _turn.WaitAsync(cancellation);
        try
        {
            await TransactAsync(VipScript.Remove(_options), cancellation);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    private async Task TransactAsync(string script, CancellationToken cancellation)
    {
        _applied = null;
        var result = await _programs.RunAsync("nft", ["-f", "-"], script, null, cancellation);
        if (result.ExitCode != 0)
            throw new NetworkException($"nft refused the VIP table {_options.Table}: {result.Complaint}");
    }

    [GeneratedRegex("^[A-Za-z][A-Za-z0-9_-]{0,63}\\z")]
    private static partial Regex TableName();

    private static partial class Log
    {
        [LoggerMessage(100, LogLevel.Debug, "VIP table {Table} serves {Vips} VIPs with {Fronts} open ports")]
        public static partial void Applied(ILogger log, string table, int vips, int fronts);
    }
}
