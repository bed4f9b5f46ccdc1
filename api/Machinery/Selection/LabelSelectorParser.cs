namespace ControlPlane.Api.Machinery.Selection;

/// <summary>The grammar of label selectors. <c>in</c> and <c>notin</c> are operators after a key and ordinary words elsewhere.</summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string Symbols = "=!(),><";
    private const string BinaryOperators = "in, notin, =, ==, !=, gt, lt";

    private int _position;

    public List<LabelRequirement> Parse()
    {
        var requirements = new List<LabelRequirement>();
        while (true)
        {
            var first = Peek();
            if (first.Kind == TokenKind.End)
                return requirements;
            if (first.Kind != TokenKind.Word && first.Text != "!")
                throw Failure($"found '{first.Text}', expected: !, identifier, or 'end of string'");
            requirements.Add(ParseRequirement());
            var separator = Next();
            if (separator.Kind == TokenKind.End)
                return requirements;
            if (separator.Text != ",")
                throw Failure($"found '{separator.Text}', expected: ',' or 'end of string'");
            var following = Peek();
            if (following.Kind != TokenKind.Word && following.Text != "!")
                throw Failure($"found '{following.Text}', expected: identifier after ','");
        }
    }

    private LabelRequirement ParseRequirement()
    {
        var negated = Peek() is { Kind: TokenKind.Symbol, Text: "!" };
        if (negated)
            Next();
        var key = Next();
        if (key.Kind != TokenKind.Word)
            throw RequirementFailure($"found '{key.Text}', expected: identifier");
        LabelRequirement.ValidateKey(key.Text);
        if (negated)
            return LabelRequirement.Create(key.Text, LabelOperator.DoesNotExist, []);
        if (Peek() is { Kind: TokenKind.End } or { Kind: TokenKind.Symbol, Text: "," })
            return LabelRequirement.Create(key.Text, LabelOperator.Exists, []);
        var op = ParseOperator();
        var values = op is LabelOperator.In or LabelOperator.NotIn ? ParseList() : [ParseExactValue()];
        return LabelRequirement.Create(key.Text, op, values);
    }

    private LabelOperator ParseOperator()
    {
        var token = Next();
        return token.Text switch
        {
            "=" or "==" => LabelOperator.Equals,
            "!=" => LabelOperator.NotEquals,
            ">" => LabelOperator.GreaterThan,
            "<" => LabelOperator.LessThan,
            "in" => LabelOperator.In,
            "notin" => LabelOperator.NotIn,
            _ => throw RequirementFailure($"found '{token.Text}', expected: {BinaryOperators}"),
        };
    }

    private string ParseExactValue()
    {
        var token = Peek();
        if (token is { Kind: TokenKind.End } or { Kind: TokenKind.Symbol, Text: "," })
            return "";
        Next();
        return token.Kind == TokenKind.Word ? token.Text : throw RequirementFailure($"found '{token.Text}', expected: identifier");
    }

    // Empty elements are values too: "(,a)" means the empty string or a.
    private HashSet<string> ParseList()
    {
        var open = Next();
        if (open.Text != "(" || open.Kind != TokenKind.Symbol)
            throw RequirementFailure($"found '{open.Text}' expected: '('");
        var values = new HashSet<string>(StringComparer.Ordinal);
        if (Peek() is { Kind: TokenKind.Symbol, Text: ")" })
        {
            Next();
            return values;
        }
        while (true)
        {
            var token = Peek();
            if (token.Kind == TokenKind.Word)
                Next();
            values.Add(token.Kind == TokenKind.Word ? token.Text : "");
            var separator = Next();
            switch (separator)
            {
                case { Kind: TokenKind.Symbol, Text: ")" }:
                    return values;
                case { Kind: TokenKind.Symbol, Text: "," }:
                    continue;
                default:
                    throw RequirementFailure($"found '{separator.Text}', expected: ',' or ')'");
            }
        }
    }

    private Token Peek()
    {
        var saved = _position;
        var token = Next();
        _position = saved;
        return token;
    }

    private Token Next()
    {
        while (_position < text.Length && char.IsWhiteSpace(text[_position]))
            _position++;
        if (_position == text.Length)
            return new Token(TokenKind.End, "");
        var start = _position;
        if (Symbols.Contains(text[start]))
        {
            var isDouble = text[start] is '=' or '!' && start + 1 < text.Length && text[start + 1] == '=';
            _position += isDouble ? 2 : 1;
            return new Token(TokenKind.Symbol, text[start.._position]);
        }
        while (_position < text.Length && !Symbols.Contains(text[_position]) && !char.IsWhiteSpace(text[_position]))
            _position++;
        return new Token(TokenKind.Word, text[start.._position]);
    }

    private static SelectorException RequirementFailure(string problem) => new("unable to parse requirement: " + problem);

    private static SelectorException Failure(string problem) => new(problem);

    private enum TokenKind
    {
        Word,
        Symbol,
        End,
    }

    private readonly record struct Token(TokenKind Kind, string Text);
}
