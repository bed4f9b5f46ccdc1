using ControlPlane.Agent.Images.Oci;

namespace ControlPlane.Agent.Images.Registry;

/// <summary>Adds up what parallel downloads receive and reports it, at most every <see cref="Step"/> bytes.</summary>
internal sealed class PullTracker
{
    private const long Step = 1 << 20;

    private readonly Lock _gate = new();
    private readonly IProgress<PullProgress>? _progress;
    private readonly int _layers;
    private readonly long _bytes;
    private int _layersDone;
    private long _received;
    private long _reported;

    public PullTracker(Manifest manifest, IEnumerable<Descriptor> present, IProgress<PullProgress>? progress)
    {
        _progress = progress;
        _layers = manifest.Layers.Count;
        _bytes = manifest.Layers.Sum(layer => layer.Size);
        foreach (var layer in present)
        {
            _layersDone++;
            _received += layer.Size;
        }

        Report();
    }

    public void Received(long bytes)
    {
        lock (_gate)
        {
            _received += bytes;
            if (_received - _reported >= Step)
                Report();
        }
    }

    public void LayerDone()
    {
        lock (_gate)
        {
            _layersDone++;
            Report();
        }
    }

    private void Report()
    {
        _reported = _received;
        _progress?.Report(new PullProgress(_layersDone, _layers, _received, _bytes));
    }
}
