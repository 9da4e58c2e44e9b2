using System.Diagnostics;

namespace ReferralService;

/// <summary>The spans of the walk: one trace from the notification to the status event. Named for the step or the route's template, tagged with names of the settings, types, counts and codes: no id of a patient, no URL, no text from outside.</summary>
/// <remarks>
/// A referral keeps the trace that brought it, for the days it may take: each step's span is a child of the notification's, by the <c>trace_parent</c> that
/// stands in its row. Links between a trace for each step would be truer to their length, but then no one id finds the whole walk in the ledger, in the
/// logs, in the events' headers and in whatever shows traces (docs/adr/0013).
/// </remarks>
internal static class Spans
{
    public static readonly ActivitySource Source = new(Measures.Name);

    private const string OutcomeTag = "referral.outcome";

    private static readonly string[] Methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"];

    /// <summary>The trace that the request or step under way belongs to, in the form that the ledger keeps and partners are told (W3C <c>traceparent</c>); null: none.</summary>
    public static string? Parent => Activity.Current is { IdFormat: ActivityIdFormat.W3C } now ? $"00-{now.TraceId}-{now.SpanId}-{(int)now.ActivityTraceFlags & 1:x2}" : null;

    /// <summary>The 32 hexadecimal digits of a kept <c>traceparent</c>; null: it has none.</summary>
    public static string? TraceId(string? parent) => ActivityContext.TryParse(parent, null, out var context) ? context.TraceId.ToHexString() : null;

    /// <summary>A request of somebody else's, by the template of its route.</summary>
    /// <param name="parent">What the caller sent as <c>traceparent</c>; whatever is none begins a trace.</param>
    public static Activity? OfRequest(string name, string? parent)
    {
        if (!Source.HasListeners()) return null;
        // The framework's own span of the request is not exported: as a parent it would be missing.
        Activity.Current = null;
        return Source.StartActivity(name, ActivityKind.Server, Context(parent));
    }

    /// <summary>A step of the walk, in the trace that brought its referral. Also where nobody listens: so that log lines and partners have the trace's id.</summary>
    public static Activity Step(string name, string? parent, ActivityKind kind = ActivityKind.Internal)
    {
        var context = Context(parent);
        if (Source.StartActivity(name, kind, context) is { } span) return span;
        var plain = new Activity(name);
        if (context != default) plain.SetParentId(context.TraceId, context.SpanId, context.TraceFlags);
        return plain.Start();
    }

    /// <summary>Says of the step under way how it ended: a word of a closed list.</summary>
    public static void Ended(string outcome) => Activity.Current?.SetTag(OutcomeTag, outcome);

    public static string? Outcome(Activity step) => step.GetTagItem(OutcomeTag) as string;

    /// <param name="asked">What is asked for in words of a closed list, e.g. <c>Observation</c>.</param>
    public static Activity? ToPartner(string side, string partner, string method, string asked)
        => Source.StartActivity($"{method} {asked}", ActivityKind.Client)?
            .SetTag("referral.partner", partner).SetTag("referral.partner.kind", side).SetTag("http.request.method", method).SetTag("fhir.target", asked);

    public static string Method(HttpMethod method) => Method(method.Method);

    /// <summary>One of HTTP's own, else <c>_OTHER</c>: a caller chooses its method.</summary>
    public static string Method(string method) => Array.Find(Methods, known => known.Equals(method, StringComparison.OrdinalIgnoreCase)) ?? "_OTHER";

    private static ActivityContext Context(string? parent) => ActivityContext.TryParse(parent, null, isRemote: true, out var context) ? context : default;
}
