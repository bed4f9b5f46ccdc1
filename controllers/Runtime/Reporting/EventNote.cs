using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.Reporting;

/// <summary>An event on its way.</summary>
internal sealed record EventNote(Resource About, string Component, string Type, string Reason, string Message)
{
    /// <summary>What makes two events repetitions of one.</summary>
    public EventIdentity Identity => new(About.Metadata.Uid ?? "", Component, Type, Reason, Message);
}

/// <summary>What makes two events repetitions of one.</summary>
internal readonly record struct EventIdentity(string Uid, string Component, string Type, string Reason, string Message);
