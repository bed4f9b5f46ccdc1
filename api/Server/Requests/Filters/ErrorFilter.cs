using ControlPlane.Api.Machinery.Json;
using ControlPlane.Api.Machinery.Selection;
using ControlPlane.Api.Meta;
using ControlPlane.Api.Server.Errors;
using ControlPlane.Api.Storage;

namespace ControlPlane.Api.Server.Requests.Filters;

/// <summary>The request boundary: whatever ended a request becomes a Status, and a bug becomes a log entry.</summary>
internal sealed partial class ErrorFilter(RequestDelegate next, ILogger<ErrorFilter> logger)
{
    public async Task InvokeAsync(HttpContext context)
    {
        try
        {
            await next(context);
        }
        catch (ApiException error)
        {
            await AnswerAsync(context, error.Status);
        }
        catch (SelectorException error)
        {
            await AnswerAsync(context, ApiErrors.BadRequest(error.Message).Status);
        }
        catch (DecodeException error)
        {
            await AnswerAsync(context, ApiErrors.BadRequest(error.Message).Status);
        }
        catch (StoreException error)
        {
            Log.StoreFailed(logger, error, ApiRequest.Of(context).AuditId, error.Fault);
            await AnswerAsync(context, ApiErrors.FromStore(error).Status);
        }
        catch (BadHttpRequestException error)
        {
            await AnswerAsync(context, (error.StatusCode == 413 ? BodyReader.TooLarge() : ApiErrors.BadRequest(error.Message)).Status);
        }
        catch (ClientGoneException)
        {
            context.Abort();
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client is gone: nobody is left to answer.
            context.Abort();
        }
        catch (OperationCanceledException) when (ApiRequest.Of(context).Aborted.IsCancellationRequested)
        {
            await AnswerAsync(context, ApiErrors.Timeout("request did not complete within the allotted timeout").Status);
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
        catch (Exception error)
        {
            var request = ApiRequest.Of(context);
            Log.Failed(logger, error, request.AuditId, context.Request.Method, request.Info.Path);
            await AnswerAsync(context, ApiErrors.Internal($"the request failed; the server's log has the cause under audit id {request.AuditId}").Status);
        }
    }

    private static async Task AnswerAsync(HttpContext context, Status status)
    {
        if (context.Response.HasStarted)
        {
            // Half an answer is out; only breaking the connection tells the client.
            context.Abort();
            return;
        }
        if (status.Details?.RetryAfterSeconds is { } seconds && status.Code is 429 or >= 500)
            context.Response.Headers.RetryAfter = seconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
        if (status.Code == 403)
            context.Response.Headers.XContentTypeOptions = "nosniff";
        await Responses.WriteStatusAsync(context, status);
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Request {AuditId} {Method} {Path} failed")]
        public static partial void Failed(ILogger logger, Exception error, string auditId, string method, string path);

        [LoggerMessage(2, LogLevel.Warning, "Request {AuditId} met a fault of the store: {Fault}")]
        public static partial void StoreFailed(ILogger logger, Exception error, string auditId, StoreFault fault);
    }
}
