using System.Diagnostics;
using ReferralService.Fhir.Client;

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
            var date = answer.Headers.Date;
            watch.Its?.Heard(date);
            if (date is { } told) watch.ToldTime(told);
            return answer;
        }
        catch (Exception fault) when (fault is OperationCanceledException or HttpRequestException or IOException)
        {
            // The token given here ends for silence, too; only the caller's own says that it was not the partner's doing.
            var caller = request.Options.TryGetValue(FhirClient.Caller, out var theirs) ? theirs : cancellationToken;
            outcome = caller.IsCancellationRequested ? "cancelled"
                : fault is OperationCanceledException and not { InnerException: TimeoutException } ? "timeout"
                : "unreachable"; // A timeout of the handler's own is that no connection was made.
            throw;
        }
        finally
        {
            if (IsBad(outcome)) span?.SetStatus(ActivityStatusCode.Error);
            var took = watch.Clock.GetElapsedTime(began);
            Measures.Exchanged(watch.Name, watch.Side, method, outcome, took);
            if (outcome != "cancelled") watch.Exchanged(!IsBad(outcome), took);
        }
    }

    private static bool IsBad(string outcome) => outcome is "unreachable" or "timeout" or "5xx";

    private static string Outcome(int status) => status switch
    {
        < 200 => "1xx",
        < 300 => "2xx",
        < 400 => "3xx",
        < 500 => "4xx",
        _ => "5xx",
    };
}
