using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Reporting;

/// <summary>Tells users what happened to their objects, as Event objects. Never blocks; repeated events are counted.</summary>
public sealed class EventRecorder
{
    private readonly EventSink _sink;
    private readonly string _component;

    internal EventRecorder(EventSink sink, string component)
    {
        _sink = sink;
        _component = component;
    }

    /// <summary>Something expected happened.</summary>
    /// <param name="about">To this object.</param>
    /// <param name="reason">CamelCase, for programs.</param>
    /// <param name="message">A sentence for people.</param>
    public void Normal(Resource about, string reason, string message) => _sink.Post(new EventNote(about, _component, "Normal", reason, message));

    /// <summary>Something went wrong.</summary>
    /// <param name="about">With this object.</param>
    /// <param name="reason">CamelCase, for programs.</param>
    /// <param name="message">A sentence for people.</param>
    public void Warning(Resource about, string reason, string message) => _sink.Post(new EventNote(about, _component, "Warning", reason, message));
}
