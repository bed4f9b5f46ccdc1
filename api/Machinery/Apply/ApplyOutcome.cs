using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;

namespace ControlPlane.Api.Machinery.Apply;

/// <summary>What became of a server-side apply.</summary>
public abstract record ApplyOutcome
{
    private ApplyOutcome()
    {
    }

    /// <summary>Merged. The object still has to be defaulted, validated and compared with the stored one; an apply without effect gives an
    /// object equal to it, owners and times included.</summary>
    public sealed record Applied(JsonObject Object) : ApplyOutcome;

    /// <summary>Others own what would change (409).</summary>
    public sealed record Conflicted(IReadOnlyList<FieldConflict> Conflicts) : ApplyOutcome
    {
        /// <summary>The <c>message</c> of the Status.</summary>
        public string Message
        {
            get
            {
                if (Conflicts.Count == 1)
                    return $"Apply failed with 1 conflict: {Conflicts[0].Message}: {Conflicts[0].Path}";
                var text = new StringBuilder();
                text.Append(CultureInfo.InvariantCulture, $"Apply failed with {Conflicts.Count} conflicts: ");
                var owners = Conflicts.GroupBy(conflict => conflict.Owner).OrderBy(group => group.Key, StringComparer.Ordinal);
                text.AppendJoin('\n', owners.Select(group => $"conflicts with {group.Key}:\n" + string.Join('\n', group.Select(conflict => $"- {conflict.Path}"))));
                return text.ToString();
            }
        }
    }

    /// <summary>Not a configuration of this kind.</summary>
    public sealed record Refused(ApplyFault Fault, string Message) : ApplyOutcome;
}
