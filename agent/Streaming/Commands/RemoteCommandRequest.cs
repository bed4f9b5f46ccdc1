using Microsoft.AspNetCore.Http;

namespace ControlPlane.Agent.Streaming.Commands;

/// <summary>What a client of exec or attach asks for, from the query.</summary>
/// <param name="Command">Program and arguments; empty for attach.</param>
/// <param name="Stdin">Whether the client sends input.</param>
/// <param name="Stdout">Whether it wants the output.</param>
/// <param name="Stderr">Whether it wants the error output; never with a terminal, which has only one output.</param>
/// <param name="Tty">Whether the program gets a terminal.</param>
public sealed record RemoteCommandRequest(IReadOnlyList<string> Command, bool Stdin, bool Stdout, bool Stderr, bool Tty)
{
    /// <summary>Reads <c>command</c> (repeated), <c>stdin|input</c>, <c>stdout|output</c>, <c>stderr|error</c> and <c>tty</c>.</summary>
    public static RemoteCommandRequest FromQuery(IQueryCollection query)
    {
        var tty = IsTrue(query, "tty");
        return new RemoteCommandRequest(
            [.. query["command"].OfType<string>()],
            IsTrue(query, "stdin") || IsTrue(query, "input"),
            IsTrue(query, "stdout") || IsTrue(query, "output"),
            !tty && (IsTrue(query, "stderr") || IsTrue(query, "error")),
            tty);
    }

    private static bool IsTrue(IQueryCollection query, string name) => query[name].ToString() is "1" or "true";
}
