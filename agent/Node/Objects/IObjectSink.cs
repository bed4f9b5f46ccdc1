using ControlPlane.Api.Meta;

namespace ControlPlane.Agent.Objects;

/// <summary>Takes what a watch sees. Called by one task, in order.</summary>
internal interface IObjectSink<in T> where T : Resource
{
    /// <summary>These and no others exist.</summary>
    void Replace(IReadOnlyList<T> items);

    /// <summary>The object is new or has changed.</summary>
    void Upsert(T item);

    /// <summary>The object is gone; this was its last state.</summary>
    void Remove(T item);
}
