using System.Text;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Faults;

/// <summary>Plays a fault on one request.</summary>
internal static class FaultyAnswer
{
    /// <param name="process">What the server does when nothing is wrong.</param>
    /// <returns>True when the connection was cut.</returns>
    public static async Task<bool> PlayAsync(Fault fault, HttpContext http, Func<Task> process, TimeProvider clock)
    {
        if (fault.Stubborn) await ReceiveWholeAsync(http);
        if (fault.Delay > TimeSpan.Zero) await Task.Delay(fault.Delay, clock, http.RequestAborted);
        if (fault.Cut == Cut.BeforeProcessing) return Reset(http);

        var body = fault.Status is null ? await ProcessedAsync(http, process) : [];
        if (fault.Cut == Cut.AfterProcessing) return Reset(http);

        if ((fault.Status ?? fault.StatusAfter) is { } status)
        {
            http.Response.StatusCode = status;
            http.Response.ContentType = "application/fhir+json";
            body = FhirExchange.Outcome(Issue(status), "A programmed fault.");
        }
        if (fault.Body is not null) body = Encoding.UTF8.GetBytes(fault.Body);
        if (fault.ContentType is not null) http.Response.ContentType = fault.ContentType;
        if (fault.RetryAfter is not null) http.Response.Headers.RetryAfter = fault.RetryAfter;
        foreach (var (name, value) in fault.Headers) http.Response.Headers[name] = value;
        http.Response.ContentLength = body.Length;

        var sent = Math.Min(fault.TruncateAfter ?? fault.StallAfter ?? body.Length, body.Length);
        await http.Response.Body.WriteAsync(body.AsMemory(0, sent), http.RequestAborted);
        await http.Response.Body.FlushAsync(http.RequestAborted);
        if (fault.StallAfter is not null) await ClientGone(http);
        // Truncated: Kestrel closes after fewer bytes than announced. A reset would also take back what the client has not read yet.
        return false;
    }

    /// <summary>The R4 issue-type a server gives with such a status.</summary>
    private static string Issue(int status) => status switch
    {
        401 => "login",
        403 => "forbidden",
        404 or 410 => "not-found",
        409 or 412 => "conflict",
        413 => "too-long",
        422 => "business-rule",
        429 => "throttled",
        >= 500 => "transient",
        _ => "processing",
    };

    private static bool Reset(HttpContext http)
    {
        http.Abort();
        return true;
    }

    private static async Task<byte[]> ProcessedAsync(HttpContext http, Func<Task> process)
    {
        var wire = http.Response.Body;
        var kept = new MemoryStream();
        http.Response.Body = kept;
        try
        {
            await process();
            await http.Response.Body.FlushAsync(http.RequestAborted);
        }
        finally
        {
            http.Response.Body = wire;
        }
        return kept.ToArray();
    }

    private static async Task ClientGone(HttpContext http)
    {
        var gone = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registered = http.RequestAborted.Register(gone.SetResult);
        await gone.Task;
    }

    /// <summary>From here on the request no longer depends on its sender.</summary>
    private static async Task ReceiveWholeAsync(HttpContext http)
    {
        var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        body.Position = 0;
        http.Request.Body = body;
        http.RequestAborted = CancellationToken.None;
    }
}
