using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Server.Registry;
using ControlPlane.Api.Server.Watching;

namespace ControlPlane.Api.Server.Authentication;

/// <summary>
/// Tokens of service accounts: JWTs signed with ES256, valid as long as the account, and the object they are bound to, exist. The signature of a token
/// is checked once; whether the objects exist, every time.
/// </summary>
internal sealed class ServiceAccountTokens : IDisposable
{
    private const int MaxRemembered = 10_000;
    private static readonly TimeSpan Leeway = TimeSpan.FromSeconds(10);

    private readonly ECDsa _key;
    private readonly string _keyId;
    private readonly string _issuer;
    private readonly WatchHub _hub;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<string, Claims> _checked = new(StringComparer.Ordinal);

    public ServiceAccountTokens(string keyPem, string issuer, WatchHub hub, TimeProvider time)
    {
        _key = ECDsa.Create();
        _key.ImportFromPem(keyPem);
        if (_key.KeySize != 256)
            throw new FormatException("--service-account-key must be an ECDSA P-256 key");
        _keyId = Base64Url.EncodeToString(SHA256.HashData(_key.ExportSubjectPublicKeyInfo()));
        _issuer = issuer;
        _hub = hub;
        _time = time;
    }

    /// <summary>The audience of tokens for the API itself.</summary>
    public string OwnAudience => _issuer;

    /// <summary>Signs a token.</summary>
    public string Issue(TokenSubject subject, IReadOnlyList<string> audiences, DateTimeOffset expires)
    {
        var now = _time.GetUtcNow();
        var kubernetes = new JsonObject
        {
            ["namespace"] = subject.Namespace,
            ["serviceaccount"] = new JsonObject { ["name"] = subject.Name, ["uid"] = subject.Uid },
        };
        if (subject.Bound is { } bound)
            kubernetes[bound.Kind.ToLowerInvariant()] = new JsonObject { ["name"] = bound.Name, ["uid"] = bound.Uid };
        var claims = new JsonObject
        {
            ["iss"] = _issuer,
            ["sub"] = UserName(subject.Namespace, subject.Name),
            ["aud"] = new JsonArray([.. (audiences.Count > 0 ? audiences : [OwnAudience]).Select(a => (JsonNode)a)]),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["nbf"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["jti"] = Guid.NewGuid().ToString(),
            ["kubernetes.io"] = kubernetes,
        };
        var text = Encode($"{{\"alg\":\"ES256\",\"kid\":\"{_keyId}\",\"typ\":\"JWT\"}}") + "." + Encode(claims.ToJsonString());
        return text + "." + Base64Url.EncodeToString(_key.SignData(Encoding.ASCII.GetBytes(text), HashAlgorithmName.SHA256));
    }

    /// <summary>Whose token it is; null when it is not, or no longer, valid for any of the audiences (none given: the API's).</summary>
    public UserInfo? Verify(string token, IReadOnlyList<string> audiences)
    {
        if (!_checked.TryGetValue(token, out var claims))
        {
            claims = Check(token);
            if (claims is null)
                return null;
            if (_checked.Count >= MaxRemembered)
                _checked.Clear();
            _checked[token] = claims;
        }
        var now = _time.GetUtcNow();
        var accepted = audiences.Count > 0 ? audiences : [OwnAudience];
        if (now > claims.Expires + Leeway || now < claims.NotBefore - Leeway || !claims.Audiences.Any(accepted.Contains) || !Exist(claims.Subject))
            return null;
        return UserOf(claims);
    }

    public void Dispose() => _key.Dispose();

    public static string UserName(string @namespace, string name) => $"system:serviceaccount:{@namespace}:{name}";

    private Claims? Check(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3)
            return null;
        try
        {
            var header = StrictJson.ParseObject(Base64Url.DecodeFromChars(parts[0]));
            // The algorithm is ours to choose, never the token's.
            if (header.GetString("alg") != "ES256" || header.GetString("kid") != _keyId)
                return null;
            var signature = Base64Url.DecodeFromChars(parts[2]);
            if (!_key.VerifyData(Encoding.ASCII.GetBytes($"{parts[0]}.{parts[1]}"), signature, HashAlgorithmName.SHA256))
                return null;
            return Read(StrictJson.ParseObject(Base64Url.DecodeFromChars(parts[1])));
        }
        catch (Exception error) when (error is FormatException or DecodeException)
        {
            return null;
        }
    }

    private Claims? Read(JsonObject claims)
    {
        var own = claims.GetObject("kubernetes.io");
        var account = own?.GetObject("serviceaccount");
        if (claims.GetString("iss") != _issuer || own?.GetString("namespace") is not { } @namespace || account?.GetString("name") is not { } name
            || account.GetString("uid") is not { } uid || claims.GetString("sub") != UserName(@namespace, name)
            || !JsonNumbers.TryGetInt64(claims["exp"], out var expires) || !JsonNumbers.TryGetInt64(claims["nbf"], out var notBefore))
        {
            return null;
        }
        BoundObject? bound = null;
        foreach (var kind in (ReadOnlySpan<string>)["Pod", "Secret", "Node"])
        {
            if (own.GetObject(kind.ToLowerInvariant()) is { } reference)
                bound = new BoundObject(kind, reference.GetString("name") ?? "", reference.GetString("uid") ?? "");
        }
        return new Claims(new TokenSubject(@namespace, name, uid, bound), [.. (claims.GetArray("aud") ?? []).Select(JsonTree.AsString).OfType<string>()],
            DateTimeOffset.FromUnixTimeSeconds(expires), DateTimeOffset.FromUnixTimeSeconds(notBefore), claims.GetString("jti") ?? "");
    }

    private bool Exist(TokenSubject subject)
    {
        if (!HasUid("serviceaccounts", subject.Namespace, subject.Name, subject.Uid))
            return false;
        return subject.Bound is not { } bound || bound.Kind switch
        {
            "Pod" => HasUid("pods", subject.Namespace, bound.Name, bound.Uid),
            "Secret" => HasUid("secrets", subject.Namespace, bound.Name, bound.Uid),
            _ => HasUid("nodes", "", bound.Name, bound.Uid),
        };
    }

    private bool HasUid(string plural, string @namespace, string name, string uid) =>
        _hub.CacheOf(StorageKey.Prefix("", plural)).Find(@namespace, name) is { } found && found.ToTree().GetObject("metadata")?.GetString("uid") == uid;

    private static UserInfo UserOf(Claims claims)
    {
        var subject = claims.Subject;
        var extra = new Dictionary<string, IReadOnlyList<string>> { ["authentication.kubernetes.io/credential-id"] = ["JTI=" + claims.Id] };
        if (subject.Bound is { Kind: "Pod" } pod)
        {
            extra["authentication.kubernetes.io/pod-name"] = [pod.Name];
            extra["authentication.kubernetes.io/pod-uid"] = [pod.Uid];
        }
        string[] groups = ["system:serviceaccounts", "system:serviceaccounts:" + subject.Namespace, UserInfo.AuthenticatedGroup];
        return new UserInfo(UserName(subject.Namespace, subject.Name), groups) { Uid = subject.Uid, Extra = extra };
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private sealed record Claims(TokenSubject Subject, IReadOnlyList<string> Audiences, DateTimeOffset Expires, DateTimeOffset NotBefore, string Id);
}

/// <summary>The service account a token is for.</summary>
internal sealed record TokenSubject(string Namespace, string Name, string Uid, BoundObject? Bound);

/// <summary>The object a token is bound to.</summary>
internal sealed record BoundObject(string Kind, string Name, string Uid);
