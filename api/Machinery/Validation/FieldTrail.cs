using System.Globalization;
using System.Text;

namespace ControlPlane.Api.Machinery.Validation;

/// <summary>The way from the root to where a walker stands. Walkers push and pop as they go; text is only made when there is something
/// to report, so a valid document costs no strings.</summary>
internal sealed class FieldTrail(string prefix = "")
{
    private Segment[] _segments = new Segment[16];
    private int _depth;

    public void PushField(string name) => Push(new Segment(name, -1, SegmentKind.Field));

    public void PushIndex(int index) => Push(new Segment(null, index, SegmentKind.Index));

    public void PushKey(string key) => Push(new Segment(key, -1, SegmentKind.Key));

    public void Pop() => _depth--;

    public override string ToString()
    {
        if (_depth == 0)
            return prefix;
        var text = new StringBuilder(prefix);
        for (var i = 0; i < _depth; i++)
        {
            ref readonly var segment = ref _segments[i];
            switch (segment.Kind)
            {
                case SegmentKind.Field:
                    if (text.Length > 0)
                        text.Append('.');
                    text.Append(segment.Name);
                    break;
                case SegmentKind.Key:
                    text.Append('[').Append(segment.Name).Append(']');
                    break;
                default:
                    text.Append(CultureInfo.InvariantCulture, $"[{segment.Index}]");
                    break;
            }
        }
        return text.ToString();
    }

    private void Push(in Segment segment)
    {
        if (_depth == _segments.Length)
            Array.Resize(ref _segments, _depth * 2);
        _segments[_depth++] = segment;
    }

    private enum SegmentKind : byte
    {
        Field,
        Index,
        Key,
    }

    private readonly record struct Segment(string? Name, int Index, SegmentKind Kind);
}
