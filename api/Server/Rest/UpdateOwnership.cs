using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Apply;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Ownership after a create, replace or patch that is no apply: the writer owns what it changed.</summary>
internal sealed class UpdateOwnership(RestCall call, WriteOptions options) : IFieldOwnership
{
    public void Record(JsonObject proposed, JsonObject? live, DateTimeOffset now) =>
        ManagedFieldsUpdater.Update(live, proposed, new FieldManager(options.FieldManager, call.Definition.ApiVersion, call.Subresource), call.Definition.Schema, now);
}
