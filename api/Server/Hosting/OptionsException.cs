namespace ControlPlane.Api.Server.Hosting;

/// <summary>The options cannot be used; the message lists every mistake.</summary>
public sealed class OptionsException(IReadOnlyList<string> problems) : Exception(string.Join("\n  ", ["the options cannot be used:", .. problems]));
