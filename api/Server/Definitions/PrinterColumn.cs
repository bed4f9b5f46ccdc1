namespace ControlPlane.Api.Server.Definitions;

/// <summary>A column of a kind's table, after the name.</summary>
/// <param name="Name">Heading.</param>
/// <param name="Type">integer, number, string, boolean or date.</param>
/// <param name="JsonPath">Where the value is.</param>
/// <param name="Priority">0 = always shown, more = only when asked for a wide table.</param>
internal sealed record PrinterColumn(string Name, string Type, string JsonPath, int Priority);
