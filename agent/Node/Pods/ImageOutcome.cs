using ControlPlane.Agent.Images;

namespace ControlPlane.Agent.Pods;

/// <summary>The image, if it is there, and what to tell the pod's worker.</summary>
internal readonly record struct ImageOutcome(LocalImage? Image, PodEvent Result);
