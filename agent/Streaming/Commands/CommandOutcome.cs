using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>How a remote command ended: with an exit code, or because something on the way failed.</summary>
/// <param name="ExitCode">Exit code, or <c>null</c> when <paramref name="Failure"/> says why there is none.</param>
/// <param name="Failure">A sentence.</param>
internal readonly record struct CommandOutcome(int? ExitCode, string? Failure)
{
    private string Message => ExitCode is { } code
        ? string.Create(CultureInfo.InvariantCulture, $"command terminated with non-zero exit code: exit status {code}")
        : $"error executing command in container: {Failure}";

    /// <summary>For protocol version 4 and later: a Status object.</summary>
    public byte[] ToStatus()
    {
        var status = new JsonObject { ["metadata"] = new JsonObject() };
        if (ExitCode == 0)
        {
            status["status"] = "Success";
            return JsonSerializer.SerializeToUtf8Bytes(status);
        }

        status["status"] = "Failure";
        status["message"] = Message;
        if (ExitCode is { } code)
        {
            status["reason"] = "NonZeroExitCode";
            var cause = new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString(CultureInfo.InvariantCulture) };
            status["details"] = new JsonObject { ["causes"] = new JsonArray(cause) };
        }
        else
        {
            status["reason"] = "InternalError";
            status["code"] = 500;
        }

        return JsonSerializer.SerializeToUtf8Bytes(status);
    }

    /// <summary>For protocol versions 1 to 3: nothing on success, else a sentence.</summary>
    public byte[] ToText() => ExitCode == 0 ? [] : Encoding.UTF8.GetBytes(Message);
}
