using System.Text;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>Writes the warnings of a request into the headers of its answer.</summary>
internal sealed class WarningFilter(RequestDelegate next)
{
    private const int MaxTotal = 4096;
    private const int MaxEachBeyond = 256;

    public Task InvokeAsync(HttpContext context)
    {
        context.Response.OnStarting(static state =>
        {
            var context = (HttpContext)state;
            var warnings = ApiRequest.Of(context).Warnings;
            if (warnings.Count > 0)
                context.Response.Headers.Append("Warning", Format(warnings));
            return Task.CompletedTask;
        }, context);
        return next(context);
    }

    private static string[] Format(IReadOnlyList<string> warnings)
    {
        var shorten = warnings.Sum(w => w.Length) > MaxTotal;
        return [.. warnings.Select(w => Quote(shorten && w.Length > MaxEachBeyond ? w[..MaxEachBeyond] : w)).Take(128)];
    }

    /// <summary>A header holds ASCII without control characters.</summary>
    private static string Quote(string text)
    {
        var quoted = new StringBuilder("299 - \"");
        foreach (var c in text)
        {
            if (c is '"' or '\\')
                quoted.Append('\\').Append(c);
            else
                quoted.Append(c is < ' ' or > '~' ? ' ' : c);
        }
        return quoted.Append('"').ToString();
    }
}
