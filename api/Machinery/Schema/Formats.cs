using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;

namespace ControlPlane.Api.Machinery.Schema;

/// <summary>The string formats that are checked. A format not listed here is documentation only, as in Kubernetes.</summary>
internal static partial class Formats
{
    public static bool IsValid(string format, string value) => format switch
    {
        "date-time" => DateTime().IsMatch(value) && DateTimeOffset.TryParse(value, CultureInfo.InvariantCulture, out _),
        "date" => DateOnly.TryParseExact(value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        "ipv4" => IPAddress.TryParse(value, out var v4) && value.Contains('.') && !value.Contains(':') && v4.ToString() == value,
        "ipv6" => value.Contains(':') && IPAddress.TryParse(value, out _),
        "cidr" => IPNetwork.TryParse(value, out _) || CidrWithHostBits(value),
        "mac" => Mac().IsMatch(value),
        "uuid" => Guid.TryParseExact(value, "D", out _),
        "byte" => Base64.IsValid(value),
        "uri" => Uri.TryCreate(value, UriKind.RelativeOrAbsolute, out _),
        "email" => Email().IsMatch(value),
        "hostname" => value.Length <= 253 && Hostname().IsMatch(value),
        "quantity" => QuantityText.Canonicalize(value) is not null,
        "duration" => GoDuration().IsMatch(value),
        _ => true,
    };

    private static bool CidrWithHostBits(string value)
    {
        var slash = value.IndexOf('/');
        return slash > 0
            && IPAddress.TryParse(value.AsSpan(0, slash), out var address)
            && int.TryParse(value.AsSpan(slash + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var bits)
            && bits <= address.GetAddressBytes().Length * 8;
    }

    [GeneratedRegex(@"^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:\d{2}(\.\d+)?([Zz]|[+-]\d{2}:\d{2})\z")]
    private static partial Regex DateTime();

    [GeneratedRegex(@"^([0-9A-Fa-f]{2}[:-]){5}[0-9A-Fa-f]{2}\z")]
    private static partial Regex Mac();

    [GeneratedRegex(@"^[^@\s]+@[^@\s]+\z", RegexOptions.NonBacktracking)]
    private static partial Regex Email();

    [GeneratedRegex(@"^[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]{0,61}[A-Za-z0-9])?)*\z", RegexOptions.NonBacktracking)]
    private static partial Regex Hostname();

    [GeneratedRegex(@"^[-+]?(0|([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d|w)(([0-9]+(\.[0-9]*)?|\.[0-9]+)(ns|us|µs|ms|s|m|h|d|w))*)\z", RegexOptions.NonBacktracking)]
    private static partial Regex GoDuration();
}
