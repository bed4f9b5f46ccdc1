using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Authorization.V1;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Rbac.V1;
using ControlPlane.Api.Serialization;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Reviews;

/// <summary>What may I do in a namespace.</summary>
internal sealed class RulesReviews(RbacObjects objects) : IVirtualResource
{
    private static readonly PolicyRule[] Everything =
    [
        new() { Verbs = ["*"], ApiGroups = ["*"], Resources = ["*"] }, new() { Verbs = ["*"], NonResourceUrls = ["*"] },
    ];

    public ValueTask<JsonObject> AnswerAsync(RestCall call, JsonObject question)
    {
        var @namespace = question.GetObject("spec")?.GetString("namespace") ?? "";
        var user = call.Request.User;
        var rbac = objects.Current();
        var rules = user.IsMaster ? Everything : rbac.GrantsOf(user, @namespace).SelectMany(g => rbac.RulesOf(g) ?? []).ToArray();
        // What agents may is decided by what runs on their nodes; no list of rules says that.
        var isAgent = NodeAuthorizer.NodeOf(user) is not null;
        question["status"] = JsonSerializer.SerializeToNode(new SubjectRulesReviewStatus
        {
            ResourceRules = [.. rules.Where(r => r.Resources.Count > 0).Select(r => new ResourceRule
            {
                Verbs = r.Verbs, ApiGroups = r.ApiGroups, Resources = r.Resources, ResourceNames = r.ResourceNames,
            })],
            NonResourceRules = [.. rules.Where(r => r.NonResourceUrls.Count > 0).Select(r => new NonResourceRule { Verbs = r.Verbs, NonResourceUrls = r.NonResourceUrls })],
            Incomplete = isAgent,
            EvaluationError = isAgent ? "the rules of node agents cannot be listed" : null,
        }, ApiJson.Options);
        return ValueTask.FromResult(question);
    }
}
