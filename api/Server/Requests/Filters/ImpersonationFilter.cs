using ControlPlane.Api.Server.Authentication;
using ControlPlane.Api.Server.Authorization;
using ControlPlane.Api.Server.Errors;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Lets a user act as another, if it may: every part of the other's identity is authorized on its own.</summary>
internal sealed class ImpersonationFilter(RequestDelegate next, IAuthorizer authorizer)
{
    private const string UserHeader = "Impersonate-User";
    private const string GroupHeader = "Impersonate-Group";
    private const string UidHeader = "Impersonate-Uid";
    private const string ExtraPrefix = "Impersonate-Extra-";
    private const string AccountPrefix = "system:serviceaccount:";

    public Task InvokeAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        var name = headers[UserHeader].ToString();
        string[] groups = [.. headers[GroupHeader].OfType<string>()];
        var uid = headers[UidHeader].ToString();
        var extra = headers.Where(h => h.Key.StartsWith(ExtraPrefix, StringComparison.OrdinalIgnoreCase))
            .ToDictionary(h => Uri.UnescapeDataString(h.Key[ExtraPrefix.Length..].ToLowerInvariant()), h => (IReadOnlyList<string>)[.. h.Value.OfType<string>()]);
        if (name.Length == 0 && groups.Length == 0 && uid.Length == 0 && extra.Count == 0)
            return next(context);
        if (name.Length == 0)
        {
            throw ApiErrors.BadRequest(
                $"requested &user.DefaultInfo{{Name:\"\", UID:\"{uid}\", Groups:[]string{{{string.Join(", ", groups.Select(g => $"\"{g}\""))}}}, Extra:map[string][]string(nil)}} without impersonating a user name");
        }
        var request = ApiRequest.Of(context);
        Authorize(request.User, name, groups, uid, extra);
        request.RealUser = request.User;
        request.User = Complete(new UserInfo(name, groups) { Uid = uid.Length == 0 ? null : uid, Extra = extra });
        foreach (var header in headers.Keys.Where(k => k.StartsWith("Impersonate-", StringComparison.OrdinalIgnoreCase)).ToArray())
            headers.Remove(header);
        return next(context);
    }

    private void Authorize(UserInfo user, string name, string[] groups, string uid, Dictionary<string, IReadOnlyList<string>> extra)
    {
        if (name.StartsWith(AccountPrefix, StringComparison.Ordinal) && name[AccountPrefix.Length..].Split(':') is [var @namespace, var account])
            Need(user, "", "serviceaccounts", "", account, @namespace);
        else
            Need(user, "", "users", "", name);
        foreach (var group in groups)
            Need(user, "", "groups", "", group);
        if (uid.Length > 0)
            Need(user, "authentication.k8s.io", "uids", "", uid);
        foreach (var (key, values) in extra)
        {
            foreach (var value in values)
                Need(user, "authentication.k8s.io", "userextras", key, value);
        }
    }

    private void Need(UserInfo user, string group, string resource, string subresource, string name, string @namespace = "")
    {
        var attributes = new AuthorizationAttributes
        {
            Verb = "impersonate", IsResource = true, Group = group, Resource = resource, Subresource = subresource, Name = name, Namespace = @namespace,
        };
        var decision = authorizer.Decide(user, attributes);
        if (!decision.Allowed)
            throw ForbiddenError.For(user, attributes, decision.Reason);
    }

    /// <summary>Groups that come with a name rather than with a request.</summary>
    private static UserInfo Complete(UserInfo user)
    {
        if (user.Name == UserInfo.Anonymous.Name)
            return user with { Groups = [.. user.Groups, UserInfo.UnauthenticatedGroup] };
        if (user.Groups.Count == 0 && user.Name.StartsWith(AccountPrefix, StringComparison.Ordinal) && user.Name[AccountPrefix.Length..].Split(':') is [var @namespace, _])
            user = user with { Groups = ["system:serviceaccounts", "system:serviceaccounts:" + @namespace] };
        return user.Authenticated();
    }
}
