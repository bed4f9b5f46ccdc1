using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Schema;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Admission;
using ControlPlane.Api.Server.Definitions;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Server.Registry;

namespace ControlPlane.Api.Server.Rest;

/// <summary>
/// The part of every write between decoding and storing:
/// default → bring into canonical form → check against the schema → complete → admit → record owners of fields → check what spans fields.
/// </summary>
internal sealed class ObjectPreparer(AdmissionChain admission, TimeProvider time)
{
    private const int MaxErrors = 100;

    /// <param name="call">The call.</param>
    /// <param name="options">Its options.</param>
    /// <param name="proposed">Changed in place.</param>
    /// <param name="live">What is stored; null for a create.</param>
    /// <param name="owners">Records who owns which fields.</param>
    public async ValueTask PrepareAsync(RestCall call, WriteOptions options, JsonObject proposed, JsonObject? live, IFieldOwnership owners)
    {
        var definition = call.Definition;
        var name = proposed.GetObject("metadata")?.GetString("name") ?? call.Name;
        OwnerReferences.RemoveRepeated(call, proposed);
        Defaulter.Apply(proposed, definition.Schema);
        Canonicalizer.Apply(proposed, definition.Schema);
        var errors = new List<FieldError>();
        SchemaValidator.Validate(proposed, definition.Schema, FieldPath.Root, errors);
        // Rules that span fields rely on the fields' types.
        if (errors.Any(e => e.Type is FieldErrorType.TypeInvalid))
            throw Invalid(definition, name, errors);
        definition.Strategy.Complete(proposed, live);
        var request = new AdmissionRequest(call, live is null ? AdmissionOperation.Create : AdmissionOperation.Update, proposed, live, options.DryRun);
        await admission.AdmitAsync(request);
        owners.Record(proposed, live, time.GetUtcNow());
        var metadata = proposed.GetObject("metadata")!;
        ObjectMetaValidator.Validate(metadata, definition.NameRule, errors);
        if (live is not null)
        {
            ObjectMetaValidator.ValidateUpdate(metadata, live.GetObject("metadata")!, errors);
            ImmutableFields.Check(proposed, live, definition.Schema, errors);
        }
        definition.Strategy.Validate(proposed, live, errors);
        if (errors.Count > 0)
            throw Invalid(definition, name, errors);
    }

    private static ApiException Invalid(ResourceDefinition definition, string name, List<FieldError> errors) =>
        ApiErrors.Invalid(definition, name, errors.Count > MaxErrors ? errors[..MaxErrors] : errors);
}

/// <summary>Who owns which fields after a write.</summary>
internal interface IFieldOwnership
{
    /// <summary>Brings <c>metadata.managedFields</c> of the proposed object up to date.</summary>
    void Record(JsonObject proposed, JsonObject? live, DateTimeOffset now);
}
