using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Validation;

namespace ControlPlane.Api.Server.Registry;

/// <summary>What a schema cannot say about a kind. Everything has a default; a kind overrides what it needs.</summary>
internal class ResourceStrategy
{
    public static ResourceStrategy Default { get; } = new();

    /// <summary>Which names objects may have.</summary>
    public virtual NameRule NameRule => NameRule.DnsSubdomain;

    /// <summary>Whether a PUT without a resourceVersion overwrites.</summary>
    public virtual bool AllowsUnconditionalUpdate => true;

    /// <summary>Whether metadata.generation counts changes.</summary>
    public virtual bool HasGeneration => false;

    /// <summary>How long an object is kept after its last write; null = until deleted.</summary>
    public virtual TimeSpan? TimeToLive => null;

    /// <summary>Whether a delete answers with the deleted object rather than a Status.</summary>
    public virtual bool ReturnsDeletedObject => false;

    /// <summary>Whether list items of this kind carry apiVersion and kind.</summary>
    public virtual bool ListItemsNameTheirKind => true;

    /// <summary>Whether a refused field selector is answered in the words of a built-in kind.</summary>
    public virtual bool HasTypedSelectors => true;

    /// <summary>Whether strategic merge patches are understood: the kind's schema was written for them.</summary>
    public virtual bool AcceptsStrategicPatch => true;

    /// <summary>Completes what a client sent, before defaults.</summary>
    public virtual void Prepare(JsonObject proposed, JsonObject? live)
    {
    }

    /// <summary>Fills in, after defaults, what depends on more than one field.</summary>
    public virtual void Complete(JsonObject proposed, JsonObject? live)
    {
    }

    /// <summary>Adds rules that span fields.</summary>
    public virtual void Validate(JsonObject proposed, JsonObject? live, List<FieldError> errors)
    {
    }

    /// <summary>Seconds that a deletion waits for the object's end; null = the kind has no graceful end.</summary>
    public virtual long? GracePeriodOf(JsonObject live, long? requested) => null;

    /// <summary>Marks the object's status for its deletion, e.g. a namespace as terminating.</summary>
    public virtual void OnMarkedForDeletion(JsonObject proposed)
    {
    }

    /// <summary>Whether something beside finalizers still keeps a deleted object.</summary>
    public virtual bool IsKept(JsonObject proposed) => false;
}
