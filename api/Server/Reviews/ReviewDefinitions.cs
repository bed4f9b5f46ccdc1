using ControlPlane.Api.Authentication.V1;
using ControlPlane.Api.Authorization.V1;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Schema;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Registry.Strategies;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Reviews;

/// <summary>The kinds that are questions: who am I, may I, what may I.</summary>
internal static class ReviewDefinitions
{
    private const string AuthorizationGroup = "authorization.k8s.io";
    private const string AuthenticationGroup = "authentication.k8s.io";

    public static IEnumerable<ResourceDefinition> Build(IAuthorizer authorizer, RbacObjects rbac, Authentication.ServiceAccountTokens? tokens) =>
    [
        Make<SelfSubjectReview>(AuthenticationGroup, "SelfSubjectReview", ResourceScope.Cluster, new WhoAmI()),
        Make<TokenReview>(AuthenticationGroup, "TokenReview", ResourceScope.Cluster, new TokenReviews(tokens)),
        Make<SelfSubjectAccessReview>(AuthorizationGroup, "SelfSubjectAccessReview", ResourceScope.Cluster, new AccessReviews(authorizer, isSelf: true)),
        Make<SubjectAccessReview>(AuthorizationGroup, "SubjectAccessReview", ResourceScope.Cluster, new AccessReviews(authorizer, isSelf: false)),
        Make<SubjectAccessReview>(AuthorizationGroup, "LocalSubjectAccessReview", ResourceScope.Namespaced, new AccessReviews(authorizer, isSelf: false)),
        Make<SelfSubjectRulesReview>(AuthorizationGroup, "SelfSubjectRulesReview", ResourceScope.Cluster, new RulesReviews(rbac)),
    ];

    private static ResourceDefinition Make<T>(string group, string kind, ResourceScope scope, IVirtualResource handler) where T : Resource => new()
    {
        Group = group,
        Version = "v1",
        Kind = kind,
        Plural = kind.ToLowerInvariant() + "s",
        Singular = kind.ToLowerInvariant(),
        Scope = scope,
        Schema = SchemaFromType.Build<T>(),
        Verbs = ["create"],
        Strategy = new CoreStrategy(),
        Virtual = handler,
    };
}
