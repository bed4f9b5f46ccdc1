using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Authorization.V1;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Reviews;

/// <summary>May I, or may somebody else.</summary>
internal sealed class AccessReviews(IAuthorizer authorizer, bool isSelf) : IVirtualResource
{
    public ValueTask<JsonObject> AnswerAsync(RestCall call, JsonObject question)
    {
        var spec = question["spec"].Deserialize<SubjectAccessReviewSpec>(ApiJson.Options) ?? new SubjectAccessReviewSpec();
        if (spec.ResourceAttributes is null == spec.NonResourceAttributes is null)
        {
            throw ApiErrors.Invalid(call.Definition, "",
                [FieldError.Invalid(FieldPath.Of("spec", "resourceAttributes"), null, "exactly one of nonResourceAttributes or resourceAttributes must be specified")]);
        }
        if (!isSelf && string.IsNullOrEmpty(spec.User) && spec.Groups.Count == 0)
            throw ApiErrors.Invalid(call.Definition, "", [FieldError.Required(FieldPath.Of("spec", "user"), "at least one of user or group must be specified")]);
        if (call.Definition.IsNamespaced && spec.ResourceAttributes?.Namespace != call.Namespace)
            throw ApiErrors.BadRequest($"spec.resourceAttributes.namespace must match namespace: {call.Namespace}");
        var user = isSelf ? call.Request.User : new UserInfo(spec.User ?? "", spec.Groups);
        var decision = authorizer.Decide(user, AttributesOf(spec));
        question["status"] = JsonSerializer.SerializeToNode(
            new SubjectAccessReviewStatus { Allowed = decision.Allowed, Reason = decision.Reason.Length == 0 ? null : decision.Reason }, ApiJson.Options);
        return ValueTask.FromResult(question);
    }

    private static AuthorizationAttributes AttributesOf(SubjectAccessReviewSpec spec) => spec.ResourceAttributes is { } resource
        ? new AuthorizationAttributes
        {
            Verb = resource.Verb ?? "",
            IsResource = true,
            Group = resource.Group ?? "",
            Resource = resource.Resource ?? "",
            Subresource = resource.Subresource ?? "",
            Namespace = resource.Namespace ?? "",
            Name = resource.Name ?? "",
        }
        : new AuthorizationAttributes { Verb = spec.NonResourceAttributes!.Verb ?? "", Path = spec.NonResourceAttributes.Path ?? "" };
}
