using ControlPlane.Benchmarks.Reports;

namespace ControlPlane.Benchmarks;

/// <summary>Measures something of ours and of a peer, in turns, in one run.</summary>
internal interface IBenchmark
{
    /// <summary>What hack/bench calls it.</summary>
    string Name { get; }

    /// <summary>One line for the list.</summary>
    string Summary { get; }

    /// <summary>Runs it. Throws when the two sides do not give the same guarantees.</summary>
    Task<Report> RunAsync(CancellationToken cancellationToken);
}
