using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Net.Http.Headers;
using ReferralService.Intake.Answers;
using ReferralService.Ops.Pages;

namespace ReferralService.Ops.Published;

/// <summary><c>/contracts</c> and <c>/openapi/v1.json</c>: what this very build sends, takes and answers.</summary>
internal static class PublishedEndpoints
{
    private const string OpenApi = "openapi.json";

    private static readonly string[] Reading = [HttpMethods.Get, HttpMethods.Head];

    public static void MapPublished(this WebApplication app)
    {
        app.MapMethods("/contracts", Reading, ListAsync);
        app.MapMethods("/contracts/{file}", Reading, (HttpContext context, string file) => AnswerAsync(context, file));
        app.MapMethods("/contracts/{folder}/{file}", Reading, (HttpContext context, string folder, string file) => AnswerAsync(context, $"{folder}/{file}"));
        app.MapMethods("/openapi/v1.json", Reading, context => AnswerAsync(context, OpenApi));
    }

    private static async Task ListAsync(HttpContext context)
    {
        context.Response.Headers.CacheControl = "no-cache";
        context.Response.Headers.Vary = "Accept";
        var files = PublishedFile.All.Values.OrderBy(file => file.Path, StringComparer.Ordinal).Select(file => new PublishedEntry($"/contracts/{file.Path}", file.ContentType, file.Bytes.Length, file.Tag)).ToList();
        if (context.Request.GetTypedHeaders().Accept.Any(type => type.MediaType.Equals("text/html", StringComparison.OrdinalIgnoreCase)))
        {
            await new RazorComponentResult<ContractList>(new { Files = files.ConvertAll(file => KeyValuePair.Create(file.Path, file.Bytes)) }).ExecuteAsync(context);
            return;
        }

        await context.Response.WriteAsJsonAsync(new PublishedList(files), OpsJson.Default.PublishedList, cancellationToken: context.RequestAborted);
    }

    private static Task AnswerAsync(HttpContext context, string path)
    {
        if (!PublishedFile.All.TryGetValue(path, out var file))
        {
            return RefusalAnswer.WriteAsync(context, Refusal.NotFound);
        }

        var (request, response) = (context.Request, context.Response);
        response.Headers.ETag = file.Tag;
        response.Headers.CacheControl = "no-cache";
        var tag = new EntityTagHeaderValue(file.Tag);
        if (request.GetTypedHeaders().IfNoneMatch.Any(known => known.Equals(EntityTagHeaderValue.Any) || known.Compare(tag, useStrongComparison: false)))
        {
            response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        response.ContentType = file.ContentType;
        response.ContentLength = file.Bytes.Length;
        return HttpMethods.IsHead(request.Method) ? Task.CompletedTask : response.Body.WriteAsync(file.Bytes, context.RequestAborted).AsTask();
    }
}

/// <summary>Answer of <c>GET /contracts</c>.</summary>
internal sealed record PublishedList(IReadOnlyList<PublishedEntry> Files);

/// <param name="Path">Where it is answered.</param>
/// <param name="Etag">As its answer has it; another one is another content.</param>
internal sealed record PublishedEntry(string Path, string ContentType, int Bytes, string Etag);
