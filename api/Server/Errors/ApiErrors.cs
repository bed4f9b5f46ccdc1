using System.Globalization;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Server.Errors;

/// <summary>Every error the API answers with, in the words its clients know. The only place that maps a fault to a status code.</summary>
internal static class ApiErrors
{
    public static ApiException BadRequest(string message) => Make(400, StatusReason.BadRequest, message);

    public static ApiException Unauthorized() => Make(401, StatusReason.Unauthorized, "Unauthorized");

    public static ApiException Forbidden(ResourceDefinition definition, string name, string why) =>
        Make(403, StatusReason.Forbidden, Subject(definition, name) + " is forbidden: " + why, About(definition, name));

    public static ApiException ForbiddenResource(string group, string resource, string name, string why) =>
        Make(403, StatusReason.Forbidden, $"{Qualified(group, resource)}{(name.Length == 0 ? "" : $" \"{name}\"")} is forbidden: {why}",
            new StatusDetails { Name = NullIfEmpty(name), Group = NullIfEmpty(group), Kind = resource });

    public static ApiException ForbiddenPath(string why) => Make(403, StatusReason.Forbidden, "forbidden: " + why, new StatusDetails());

    public static ApiException NotFound(ResourceDefinition definition, string name) =>
        Make(404, StatusReason.NotFound, $"{definition.QualifiedResource} \"{name}\" not found", About(definition, name));

    public static ApiException NotFound(string resource, string name) =>
        Make(404, StatusReason.NotFound, $"{resource} \"{name}\" not found", new StatusDetails { Name = name, Kind = resource });

    /// <summary>What a client gets for a subresource that the kind does not have.</summary>
    public static ApiException NoSuchResource() =>
        Make(404, StatusReason.NotFound, "the server could not find the requested resource", new StatusDetails());

    public static ApiException MethodNotAllowed() =>
        Make(405, StatusReason.MethodNotAllowed, "the server does not allow this method on the requested resource", new StatusDetails());

    public static ApiException NotAcceptable(string message) => Make(406, StatusReason.NotAcceptable, message);

    public static ApiException AlreadyExists(ResourceDefinition definition, string name) =>
        Make(409, StatusReason.AlreadyExists, $"{definition.QualifiedResource} \"{name}\" already exists", About(definition, name));

    public static ApiException NoUniqueName(ResourceDefinition definition, string name) =>
        Make(409, StatusReason.AlreadyExists,
            $"{definition.QualifiedResource} \"{name}\" already exists, the server was not able to generate a unique name for the object",
            About(definition, name) with { RetryAfterSeconds = 1 });

    public static ApiException Conflict(ResourceDefinition definition, string name, string why) =>
        Make(409, StatusReason.Conflict, $"Operation cannot be fulfilled on {definition.QualifiedResource} \"{name}\": {why}", About(definition, name));

    public static ApiException Modified(ResourceDefinition definition, string name) =>
        Conflict(definition, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>A precondition of a delete that does not hold: upstream names the kind, not the resource.</summary>
    public static ApiException Precondition(ResourceDefinition definition, string name, string why) =>
        Make(409, StatusReason.Conflict, $"Operation cannot be fulfilled on {definition.QualifiedKind} \"{name}\": {why}",
            new StatusDetails { Name = name, Group = NullIfEmpty(definition.Group), Kind = definition.Kind });

    public static ApiException ApplyConflict(string message, IReadOnlyList<StatusCause> causes) =>
        Make(409, StatusReason.Conflict, message, new StatusDetails { Causes = causes });

    public static ApiException Expired(string message, string? @continue = null)
    {
        var error = Make(410, StatusReason.Expired, message);
        return @continue is null ? error : new ApiException(error.Status with { Metadata = new ListMeta { Continue = @continue } });
    }

    public static ApiException TooLarge(string what) => Make(413, StatusReason.RequestEntityTooLarge, "Request entity too large: " + what);

    public static ApiException UnsupportedMediaType(IEnumerable<string> accepted) =>
        Make(415, StatusReason.UnsupportedMediaType,
            "the body of the request was in an unknown format - accepted media types include: " + string.Join(", ", accepted));

    public static ApiException Invalid(ResourceDefinition definition, string name, IReadOnlyList<FieldError> errors) =>
        Invalid(definition.Group, definition.Kind, name, errors);

    /// <summary>Options of a request, e.g. of kind CreateOptions.</summary>
    public static ApiException InvalidOptions(string kind, params IReadOnlyList<FieldError> errors) => Invalid("meta.k8s.io", kind, "", errors);

    public static ApiException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        var text = errors.Count == 1 ? errors[0].ToString() : "[" + string.Join(", ", errors) + "]";
        var subject = group.Length == 0 ? kind : kind + "." + group;
        return Make(422, StatusReason.Invalid, $"{subject} \"{name}\" is invalid: {text}", new StatusDetails
        {
            Name = NullIfEmpty(name),
            Group = NullIfEmpty(group),
            Kind = NullIfEmpty(kind),
            Causes = [.. errors.Select(e => new StatusCause { Reason = e.Reason, Message = e.Body, Field = e.Field.Length == 0 ? "<nil>" : e.Field })],
        });
    }

    /// <summary>A well-formed patch that does not fit the object.</summary>
    public static ApiException Unprocessable(string message) => Make(422, StatusReason.Invalid, message, new StatusDetails());

    public static ApiException TooManyRequests(int retryAfterSeconds) =>
        Make(429, StatusReason.TooManyRequests, "Too many requests, please try again later.", new StatusDetails { RetryAfterSeconds = retryAfterSeconds });

    public static ApiException Internal(string message) =>
        Make(500, StatusReason.InternalError, "Internal error occurred: " + message, new StatusDetails { Causes = [new StatusCause { Message = message }] });

    public static ApiException Unavailable(string message) =>
        Make(503, StatusReason.ServiceUnavailable, message, new StatusDetails { RetryAfterSeconds = 1 });

    public static ApiException BadGateway(string message) =>
        Make(502, StatusReason.InternalError, message, new StatusDetails { Causes = [new StatusCause { Message = message }] });

    public static ApiException Timeout(string message) =>
        Make(504, StatusReason.Timeout, "Timeout: " + message, new StatusDetails { RetryAfterSeconds = 1 });

    public static ApiException VersionTooLarge(long wanted, long current)
    {
        var error = Timeout(string.Create(CultureInfo.InvariantCulture, $"Too large resource version: {wanted}, current: {current}"));
        return new ApiException(error.Status with
        {
            Details = error.Status.Details! with { Causes = [new StatusCause { Reason = "ResourceVersionTooLarge", Message = "Too large resource version" }] },
        });
    }

    /// <summary>What a fault of the store means to the client.</summary>
    public static ApiException FromStore(StoreException fault) => fault.Fault switch
    {
        StoreFault.Compacted => Expired("The provided resource version is too old."),
        StoreFault.FutureRevision => VersionTooLarge(0, fault.Boundary?.Value ?? 0),
        StoreFault.TooLarge => TooLarge(fault.Message),
        StoreFault.NoSpace => Unavailable("The store has no space left; writes are refused until there is some: " + fault.Message),
        StoreFault.Unavailable or StoreFault.SlowConsumer => Unavailable("The store does not answer: " + fault.Message),
        _ => Internal(fault.Message),
    };

    public static ApiException Make(int code, string reason, string message, StatusDetails? details = null) =>
        new(new Status { Outcome = "Failure", Message = message, Reason = reason, Details = details, Code = code });

    private static string Subject(ResourceDefinition definition, string name) =>
        name.Length == 0 ? definition.QualifiedResource : $"{definition.QualifiedResource} \"{name}\"";

    private static StatusDetails About(ResourceDefinition definition, string name) =>
        new() { Name = NullIfEmpty(name), Group = NullIfEmpty(definition.Group), Kind = definition.Plural };

    private static string Qualified(string group, string resource) => group.Length == 0 ? resource : resource + "." + group;

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
