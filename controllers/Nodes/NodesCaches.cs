using ControlPlane.Api.Coordination.V1;
using ControlPlane.Api.Core.V1;
using ControlPlane.Controllers.Caching;

namespace ControlPlane.Controllers.Nodes;

/// <summary>What the nodes controller reads.</summary>
internal sealed record NodesCaches(ObjectCache<Node> Nodes, ObjectCache<Lease> Leases, ObjectCache<Pod> Pods);
