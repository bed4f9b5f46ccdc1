using System.Text.Json.Nodes;

namespace ControlPlane.Api.Tests.Machinery;

/// <summary>Small random documents that collide often: few names, few values.</summary>
internal static class RandomTree
{
    private const string Alphabet = "ab:# -\n\t'\"{[,&*!|>%@0.1~é\u2028";

    public static JsonNode? Node(Random random, int depth) => random.Next(depth > 0 ? 8 : 5) switch
    {
        0 => null,
        1 => JsonValue.Create(random.Next(2) == 0),
        2 => JsonValue.Create((long)random.Next(-3, 4)),
        3 => JsonValue.Create(Text(random)),
        4 => JsonValue.Create(random.Next(9) / 4.0 + 0.125),
        5 => new JsonArray([.. Enumerable.Range(0, random.Next(4)).Select(_ => Node(random, depth - 1))]),
        _ => Object(random, depth),
    };

    public static JsonObject Object(Random random, int depth)
    {
        var node = new JsonObject();
        for (var i = random.Next(4); i > 0; i--)
            node[Text(random)] = Node(random, depth - 1);
        return node;
    }

    private static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(5)).Select(_ => Alphabet[random.Next(Alphabet.Length)])]);
}
