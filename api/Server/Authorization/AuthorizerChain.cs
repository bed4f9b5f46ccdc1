using ControlPlane.Api.Server.Authentication;

namespace ControlPlane.Api.Server.Authorization;

/// <summary>Masters may everything; for others the first authorizer that allows decides, and without one nothing is allowed.</summary>
internal sealed class AuthorizerChain(IReadOnlyList<IAuthorizer> authorizers) : IAuthorizer
{
    public AuthorizationDecision Decide(UserInfo user, AuthorizationAttributes attributes)
    {
        if (user.IsMaster)
            return AuthorizationDecision.Allow("");
        var reasons = "";
        foreach (var authorizer in authorizers)
        {
            var decision = authorizer.Decide(user, attributes);
            if (decision.Allowed)
                return decision;
            if (decision.Reason.Length > 0)
                reasons = reasons.Length == 0 ? decision.Reason : reasons + ", " + decision.Reason;
        }
        return AuthorizationDecision.Refuse(reasons);
    }
}
