using ControlPlane.Api.Meta;

namespace ControlPlane.Controllers.GarbageCollection;

/// <summary>What became of an owner.</summary>
internal enum OwnerState
{
    /// <summary>It is there.</summary>
    Alive,

    /// <summary>It is there until its dependents are gone.</summary>
    WaitsForDependents,

    /// <summary>It is gone: the server says so.</summary>
    Absent,

    /// <summary>It cannot be found out, now or ever; nothing may be deleted on its account.</summary>
    Unknown,
}

/// <summary>An owner reference and what became of it.</summary>
internal sealed record OwnerFinding(OwnerReference Reference, OwnerState State);
