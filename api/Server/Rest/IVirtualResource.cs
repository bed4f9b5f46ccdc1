using System.Text.Json.Nodes;

namespace ControlPlane.Api.Server.Rest;

/// <summary>A kind whose objects are questions: a create answers at once and stores nothing.</summary>
internal interface IVirtualResource
{
    /// <summary>The object with its status filled in.</summary>
    ValueTask<JsonObject> AnswerAsync(RestCall call, JsonObject question);
}
