using System.Text.Json.Nodes;
using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Validation;
using ControlPlane.Api.Server.Rest;

namespace ControlPlane.Api.Server.Registry.Strategies;

/// <summary>A namespace stays, terminating, until the garbage collector has emptied it and takes its finalizer.</summary>
internal sealed class NamespaceStrategy : CoreStrategy
{
    private const string ContentFinalizer = "kubernetes";
    private const string NameLabel = "kubernetes.io/metadata.name";

    public override NameRule NameRule => NameRule.DnsLabel;

    public override bool ReturnsDeletedObject => true;

    public override void Prepare(JsonObject proposed, JsonObject? live)
    {
        if (live is null)
        {
            proposed["spec"] = new JsonObject { ["finalizers"] = new JsonArray(ContentFinalizer) };
            proposed["status"] = new JsonObject { ["phase"] = "Active" };
        }
        var metadata = ServerFields.MetadataOf(proposed);
        if (metadata["labels"] is not JsonObject labels)
        {
            if (metadata["labels"] is not null)
                return;
            metadata["labels"] = labels = [];
        }
        labels[NameLabel] = metadata.GetString("name");
    }

    public override void OnMarkedForDeletion(JsonObject proposed)
    {
        if (proposed.GetObject("status") is not { } status)
            proposed["status"] = status = [];
        status["phase"] = "Terminating";
    }

    public override bool IsKept(JsonObject proposed) => proposed.GetObject("spec")?.GetArray("finalizers") is { Count: > 0 };
}
