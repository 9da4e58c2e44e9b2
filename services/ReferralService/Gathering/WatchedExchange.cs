using System.Diagnostics;

namespace ReferralService.Gathering;

/// <summary>Times each request to a partner until the head of its answer, and makes its span: partner, method, kind of address and status, never the address.</summary>
internal sealed class WatchedExchange(PartnerWatch watch, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    private const string TraceHeader = "traceparent";

    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var method = Spans.Method(request.Method);
        using var span = Spans.Source.HasListeners() ? Spans.ToPartner(watch.Side, watch.Name, method, RequestShape.Of(request.RequestUri, watch.Base)) : null;
        request.Headers.Remove(TraceHeader);
        if (Spans.Parent is { } parent) request.Headers.TryAddWithoutValidation(TraceHeader, parent);
        var began = watch.Clock.GetTimestamp();
        var outcome = "unreachable";
        try
        {
            var answer = await base.SendAsync(request, cancellationToken);
            outcome = Outcome((int)answer.StatusCode);
            span?.SetTag("http.response.status_code", (int)answer.StatusCode);
            if (answer.Headers.Date is { } theirs) watch.ToldTime(theirs);
            return answer;
        }
        catch (OperationCanceledException)
        {
            outcome = "cancelled";
            throw;
        }
        finally
        {
            if (outcome is "unreachable" or "5xx") span?.SetStatus(ActivityStatusCode.Error);
            var took = watch.Clock.GetElapsedTime(began);
            Measures.Exchanged(watch.Name, watch.Side, method, outcome, took);
            if (outcome != "cancelled") watch.Exchanged(outcome is not ("unreachable" or "5xx"), took);
        }
    }

    private static string Outcome(int status) => status switch
    {
        < 200 => "1xx",
        < 300 => "2xx",
        < 400 => "3xx",
        < 500 => "4xx",
        _ => "5xx",
    };
}
