using System.Diagnostics;

namespace ReferralService;

/// <summary>The spans of the walk: one trace from the notification to the status event. Named for the step or the route's template, tagged with names of the settings, types, counts and codes: no id of a patient, no URL, no text from outside.</summary>
/// <remarks>With no exporter configured nobody listens, and nothing is made.</remarks>
internal static class Spans
{
    public static readonly ActivitySource Source = new(Measures.Name);

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

    /// <summary>The trace that a request or step under way belongs to, in the form that the ledger keeps (W3C <c>traceparent</c>); null: none.</summary>
    public static string? Parent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } now ? $"00-{now.TraceId}-{now.SpanId}-01" : null;

    /// <summary>The 32 hexadecimal digits of a kept <c>traceparent</c>; null: it has none.</summary>
    public static string? TraceId(string? parent) => ActivityContext.TryParse(parent, null, out var context) ? context.TraceId.ToHexString() : null;

    /// <summary>A step of the walk, in the trace that brought its referral.</summary>
    public static Activity? Step(string name, string? parent)
        => Source.HasListeners() && ActivityContext.TryParse(parent, null, out var context) ? Source.StartActivity(name, ActivityKind.Internal, context) : Source.StartActivity(name);

    /// <param name="asked">What is asked for in words of a closed list, e.g. <c>Observation</c>.</param>
    public static Activity? ToPartner(string side, string partner, string method, string asked)
        => Source.StartActivity($"{method} {asked}", ActivityKind.Client)?
            .SetTag("referral.partner", partner).SetTag("referral.partner.kind", side).SetTag("http.request.method", method).SetTag("fhir.target", asked);

    /// <summary>One of HTTP's own, else <c>_OTHER</c>: a caller chooses its method.</summary>
    public static string Method(HttpMethod method) => Method(method.Method);

    public static string Method(string method) => Array.Find(Methods, known => known.Equals(method, StringComparison.OrdinalIgnoreCase)) ?? "_OTHER";
}
