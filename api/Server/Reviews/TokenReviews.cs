using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Authentication.V1;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Reviews;

/// <summary>Whose token is this.</summary>
internal sealed class TokenReviews(ServiceAccountTokens? tokens) : IVirtualResource
{
    public ValueTask<JsonObject> AnswerAsync(RestCall call, JsonObject question)
    {
        var spec = question["spec"].Deserialize<TokenReviewSpec>(ApiJson.Options)!;
        if (string.IsNullOrEmpty(spec.Token))
            throw ApiErrors.Invalid(call.Definition, "", [FieldError.Required(FieldPath.Of("spec", "token"))]);
        var user = tokens?.Verify(spec.Token, spec.Audiences);
        question["status"] = JsonSerializer.SerializeToNode(user is null
            ? new TokenReviewStatus { Authenticated = false, Error = "the token is not valid here" }
            : new TokenReviewStatus { Authenticated = true, User = WhoAmI.Describe(user), Audiences = spec.Audiences }, ApiJson.Options);
        return ValueTask.FromResult(question);
    }
}
