using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Authentication.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Reviews;

/// <summary>Who am I.</summary>
internal sealed class WhoAmI : IVirtualResource
{
    public ValueTask<JsonObject> AnswerAsync(RestCall call, JsonObject question)
    {
        question["status"] = JsonSerializer.SerializeToNode(new SelfSubjectReviewStatus { UserInfo = Describe(call.Request.User) }, ApiJson.Options);
        return ValueTask.FromResult(question);
    }

    public static UserInfo Describe(Authentication.UserInfo user) => new() { Username = user.Name, Uid = user.Uid, Groups = user.Groups, Extra = user.Extra };
}
