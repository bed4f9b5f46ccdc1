namespace ControlPlane.Api.Server.OpenApi;

/// <summary>Describes the API, in both versions of OpenAPI.</summary>
internal sealed class OpenApiHandler(OpenApiV3Handler third, OpenApiV2Handler second)
{
    /// <summary>Answers if the path is one of OpenAPI.</summary>
    public async Task<bool> TryHandleAsync(HttpContext context, string path) => await third.TryHandleAsync(context, path) || await second.TryHandleAsync(context, path);
}
