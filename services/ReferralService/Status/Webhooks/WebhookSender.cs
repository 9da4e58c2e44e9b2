using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using ReferralService.Ledger;

namespace ReferralService.Status.Webhooks;

/// <summary>Posts events to one receiver: the bytes that RabbitMQ gets, signed. Never throws but for the stop.</summary>
internal sealed class WebhookSender(WebhookOptions webhook, HttpClient http, TimeProvider clock)
{
    /// <summary>For the whole exchange. A receiver that has more to do answers first.</summary>
    public static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(10);

    public async Task<WebhookAnswer> SendAsync(OutboxEvent waiting, CancellationToken stopping)
    {
        using var span = Spans.Source.HasListeners() ? Spans.Step("post webhook", waiting.TraceParent, ActivityKind.Producer) : null;
        var answer = await PostAsync(span is null ? waiting : waiting with { TraceParent = Spans.Parent }, stopping);
        var outcome = answer is WebhookAnswer.NotTaken not ? not.Trouble.Code : "taken";
        span?.SetTag("referral.webhook", webhook.Name);
        Spans.Ended(outcome);
        Measures.Posted(webhook.Name, outcome);
        return answer;
    }

    private async Task<WebhookAnswer> PostAsync(OutboxEvent waiting, CancellationToken stopping)
    {
        using var ceiling = new CancellationTokenSource(Ceiling, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ceiling.Token, stopping);
        using var request = Request(StatusMessage.Of(waiting), waiting.TraceParent);
        try
        {
            using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, either.Token);
            return WebhookAnswer.Of(answer.StatusCode, RetryAfter(answer.Headers.RetryAfter));
        }
        catch (Exception failure) when (!stopping.IsCancellationRequested)
        {
            return new WebhookAnswer.NotTaken(WebhookTrouble.Of(failure), Whole: true);
        }
    }

    private HttpRequestMessage Request(StatusMessage message, string? traceParent)
    {
        var (id, now) = (message.Properties.MessageId!, clock.GetUtcNow());
        var request = new HttpRequestMessage(HttpMethod.Post, webhook.Url) { Content = new ReadOnlyMemoryContent(message.Body) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(StatusMessage.ContentType);
        request.Headers.TryAddWithoutValidation("User-Agent", "ReferralService");
        request.Headers.TryAddWithoutValidation("webhook-id", id);
        request.Headers.TryAddWithoutValidation("webhook-timestamp", now.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.TryAddWithoutValidation("webhook-signature", WebhookSignature.Of(webhook.Secrets, id, now, message.Body));
        if (traceParent is not null)
        {
            request.Headers.TryAddWithoutValidation("traceparent", traceParent);
        }

        return request;
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? asked)
        => asked?.Delta ?? (asked?.Date is { } date && date > clock.GetUtcNow() ? date - clock.GetUtcNow() : null);
}
