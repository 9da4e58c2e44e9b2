using ReferralService.Contracts;

namespace ReferralService.Ops.Acts;

/// <summary>What a page says after a form was taken: carried in the address by words of closed lists, never by a text.</summary>
/// <param name="Tone">Class of the style sheet.</param>
public sealed record Notice(string Text, string Tone, string? Code = null)
{
    private static readonly Dictionary<string, string> Done = new(StringComparer.Ordinal)
    {
        ["retry"] = "It is set going again; what comes of it shows here.",
        ["cancel"] = "It is cancelled, or will be as soon as the attempt under way turns out not to have landed.",
        ["pause"] = "Paused. A step that is under way is finished; everything else waits.",
        ["resume"] = "Resumed. What waited goes on at once.",
        ["bulk-stop"] = "The rest is called off. What was done stays done.",
        ["bulk-over"] = "Nothing was left to call off: it had ended already. What came of each stands below.",
        ["re-ingest"] = "Put back into the queue of commands. If it cannot be read, it comes back here.",
        ["re-ingest-all"] = "All of this reason that were found are back in the queue of commands. What cannot be read comes back here.",
        ["delete-letter"] = "Deleted.",
        ["gone"] = "It was not found now. Somebody else may be looking at the letters, or has dealt with it, or it was dropped by the queue's limit. Look again.",
    };

    /// <summary>By <c>done</c> or <c>refused</c> of an address; null: neither, or none of ours.</summary>
    internal static Notice? Of(IQueryCollection query)
        => query["done"] is [{ } done] && Done.TryGetValue(done, out var text) ? new(text, done is "gone" or "bulk-over" ? "act" : "good")
            : query["refused"] is [{ } code] && ReasonRemedies.Of(code) is { } remedy ? new($"Not done. {remedy.Meaning} {remedy.Remedy}", "bad", code)
            : null;

    internal static string DoneAt(string address, string done) => With(address, "done", done);

    internal static string RefusedAt(string address, string code) => With(address, "refused", code);

    private static string With(string address, string name, string value) => $"{address}{(address.Contains('?') ? '&' : '?')}{name}={value}";
}
