using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Platform.V1;
using ControlPlane.Api.Serialization;

namespace ControlPlane.Controllers.Apps;

/// <summary>
/// What of an app makes a revision: the fields that alter its processes or their place. The rest takes effect on running instances, or only on
/// the controller's next decision.
/// </summary>
internal static class Revisions
{
    // Without vowels, 0, 1 and 3: no words and no look-alikes in names.
    private const string Alphabet = "bcdfghjklmnpqrstvwxz2456789";
    private const int HashLength = 10;

    /// <summary>The snapshot of the fields that make a revision, with sorted keys: equal specs give equal text.</summary>
    public static JsonObject Snapshot(AppSpec spec)
    {
        var template = spec with
        {
            Instances = null,
            UpgradeStrategy = null,
            KillSelection = null,
            Dependencies = [],
            Labels = Empty.StringMap,
            BackoffSeconds = null,
            BackoffFactor = null,
            MaxLaunchDelaySeconds = null,
        };
        return (JsonObject)Sorted(JsonSerializer.SerializeToNode(template, ApiJson.Options))!;
    }

    /// <summary>The name part that identifies a snapshot.</summary>
    public static string Hash(JsonObject snapshot)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(snapshot.ToJsonString(ApiJson.Options)));
        return string.Create(HashLength, digest, static (text, bytes) =>
        {
            for (var i = 0; i < text.Length; i++)
                text[i] = Alphabet[(bytes[2 * i] << 8 | bytes[2 * i + 1]) % Alphabet.Length];
        });
    }

    /// <summary>The spec that runs at a revision: the snapshot's fields, and today's value of every field that makes no revision.</summary>
    public static AppSpec Restore(JsonObject snapshot, AppSpec today)
    {
        var spec = snapshot.Deserialize<AppSpec>(ApiJson.Options) ?? throw new JsonException("A revision holds null.");
        return spec with
        {
            Instances = today.Instances,
            UpgradeStrategy = today.UpgradeStrategy,
            KillSelection = today.KillSelection,
            Dependencies = today.Dependencies,
            Labels = today.Labels,
            BackoffSeconds = today.BackoffSeconds,
            BackoffFactor = today.BackoffFactor,
            MaxLaunchDelaySeconds = today.MaxLaunchDelaySeconds,
        };
    }

    /// <summary>Name of an app's revision.</summary>
    public static string NameOf(string app, string hash) => $"{app}-{hash}";

    private static JsonNode? Sorted(JsonNode? node) => node switch
    {
        JsonObject map => new JsonObject(map.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => KeyValuePair.Create(p.Key, Sorted(p.Value)))),
        JsonArray list => new JsonArray([.. list.Select(Sorted)]),
        _ => node?.DeepClone(),
    };
}
