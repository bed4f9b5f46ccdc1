using ControlPlane.Api.Core.V1;

namespace ControlPlane.Agent.Configuration;

/// <summary>The program and arguments of a container.</summary>
internal static class CommandLine
{
    /// <exception cref="ContainerConfigException">Neither the container nor its image names a program.</exception>
    public static IReadOnlyList<string> Build(
        Container container, IReadOnlyList<string> entrypoint, IReadOnlyList<string> cmd, IReadOnlyDictionary<string, string> variables)
    {
        // A command replaces all that the image says; arguments alone replace only the image's arguments.
        var program = container.Command.Count > 0 ? container.Command : entrypoint;
        var arguments = container.Args.Count > 0 ? container.Args : container.Command.Count > 0 ? [] : cmd;
        var line = program.Select(Own(container.Command)).Concat(arguments.Select(Own(container.Args))).ToList();
        return line.Count > 0 ? line : throw new ContainerConfigException("no command specified: neither the container nor its image has one");

        // Only what the pod says is expanded; the image's words are taken as they are.
        Func<string, string> Own(IReadOnlyList<string> given) =>
            given.Count > 0 ? text => VariableExpansion.Expand(text, variables) : text => text;
    }
}
