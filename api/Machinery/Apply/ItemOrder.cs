namespace ControlPlane.Api.Machinery.Apply;

/// <summary>The order of a merged list. Applied items keep the order they were applied in; items that only the live list has stay before
/// the shared item they preceded, so that two managers' items interleave the same way however often each applies.</summary>
internal sealed class ItemOrder
{
    private readonly ItemIndex _live;
    private readonly ItemIndex _applied;
    private readonly Queue<string> _shared;
    private readonly HashSet<string> _placed = new(StringComparer.Ordinal);
    private int _livePosition;
    private int _appliedPosition;

    public ItemOrder(ItemIndex live, ItemIndex applied)
    {
        _live = live;
        _applied = applied;
        _shared = new Queue<string>(applied.Elements.OfType<string>().Where(live.Items.ContainsKey));
    }

    /// <summary>The next item: its place in the applied list, or -1 and its place in the live list.</summary>
    public bool TryNext(out int livePosition, out int appliedPosition)
    {
        while (_livePosition < _live.Elements.Length)
        {
            var element = _live.Elements[_livePosition];
            if (element is null || !_applied.Items.ContainsKey(element))
                return TakeLive(out livePosition, out appliedPosition);
            var isExhausted = _appliedPosition == _applied.Elements.Length;
            if (!isExhausted && element == _applied.Elements[_appliedPosition])
                break;
            // A shared item comes at its place in the applied order, or has come already.
            if (isExhausted || (_shared.TryPeek(out var next) && next != element))
            {
                _livePosition++;
                continue;
            }
            if (_placed.Contains(element))
                _livePosition++;
            break;
        }
        if (_appliedPosition < _applied.Elements.Length)
            return TakeApplied(out livePosition, out appliedPosition);
        livePosition = appliedPosition = -1;
        return false;
    }

    private bool TakeLive(out int livePosition, out int appliedPosition)
    {
        livePosition = _livePosition++;
        appliedPosition = -1;
        return true;
    }

    private bool TakeApplied(out int livePosition, out int appliedPosition)
    {
        var element = _applied.Elements[_appliedPosition];
        if (_livePosition < _live.Elements.Length && element == _live.Elements[_livePosition])
            _livePosition++;
        if (element is not null)
        {
            _placed.Add(element);
            if (_shared.TryPeek(out var next) && next == element)
                _shared.Dequeue();
        }
        livePosition = -1;
        appliedPosition = _appliedPosition++;
        return true;
    }
}
