using System.Buffers;
using System.Globalization;

namespace ControlPlane.Api.Machinery.Validation;

/// <summary>The grammars of names. Each check returns null or the problem, in the words every Kubernetes client knows.</summary>
public static class Names
{
    public const int MaxLabelLength = 63;
    public const int MaxSubdomainLength = 253;

    private const string LabelForm = "[a-z0-9]([-a-z0-9]*[a-z0-9])?";
    private const string SubdomainForm = LabelForm + @"(\." + LabelForm + ")*";
    private const string QualifiedForm = "([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]";

    private static readonly SearchValues<char> LabelCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> QualifiedCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>A DNS label: Namespaces, containers, ports' names.</summary>
    public static string? DnsLabelProblem(string name)
    {
        if (name.Length > MaxLabelLength)
            return TooLong(MaxLabelLength);
        return IsDnsLabel(name)
            ? null
            : "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an "
                + $"alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '{LabelForm}')";
    }

    /// <summary>A DNS subdomain: the name of most objects.</summary>
    public static string? DnsSubdomainProblem(string name)
    {
        if (name.Length > MaxSubdomainLength)
            return TooLong(MaxSubdomainLength);
        return IsDnsSubdomain(name)
            ? null
            : "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
                + $"alphanumeric character (e.g. 'example.com', regex used for validation is '{SubdomainForm}')";
    }

    /// <summary>A name that only has to survive in a URL: Roles and their bindings.</summary>
    public static string? PathSegmentProblem(string name)
    {
        if (name is "." or "..")
            return $"may not be '{name}'";
        var index = name.AsSpan().IndexOfAny('/', '%');
        return index < 0 ? null : $"may not contain '{name[index]}'";
    }

    /// <summary><c>[prefix/]name</c>: keys of labels and annotations, finalizers, resource names.</summary>
    public static string? LabelKeyProblem(string key)
    {
        var slash = key.IndexOf('/');
        if (slash != key.LastIndexOf('/'))
        {
            return "a qualified name must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
                + $"character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QualifiedForm}') with an optional "
                + "DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
        }
        if (slash >= 0)
        {
            var prefix = key[..slash];
            if (prefix.Length == 0)
                return "prefix part must be non-empty";
            if (DnsSubdomainProblem(prefix) is { } problem)
                return "prefix part " + problem;
        }
        var name = key[(slash + 1)..];
        if (name.Length == 0)
            return "name part must be non-empty";
        if (name.Length > MaxLabelLength)
            return "name part " + TooLong(MaxLabelLength);
        return IsQualified(name)
            ? null
            : "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character "
                + $"(e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '{QualifiedForm}')";
    }

    public static string? LabelValueProblem(string value)
    {
        if (value.Length > MaxLabelLength)
            return TooLong(MaxLabelLength);
        return value.Length == 0 || IsQualified(value)
            ? null
            : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
                + $"alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '({QualifiedForm})?')";
    }

    private static bool IsDnsSubdomain(string name)
    {
        foreach (var range in name.AsSpan().Split('.'))
        {
            if (!IsDnsLabel(name.AsSpan(range)))
                return false;
        }
        return true;
    }

    private static bool IsDnsLabel(ReadOnlySpan<char> label) =>
        label.Length > 0 && label[0] != '-' && label[^1] != '-' && !label.ContainsAnyExcept(LabelCharacters);

    private static bool IsQualified(ReadOnlySpan<char> name) =>
        char.IsAsciiLetterOrDigit(name[0]) && char.IsAsciiLetterOrDigit(name[^1]) && !name.ContainsAnyExcept(QualifiedCharacters);

    private static string TooLong(int limit) => string.Create(CultureInfo.InvariantCulture, $"must be no more than {limit} bytes");
}
