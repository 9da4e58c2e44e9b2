using System.Text.RegularExpressions;

namespace ReferralService.Sandbox.Faults;

/// <summary>When the connection is cut.</summary>
internal enum Cut
{
    Never,

    /// <summary>Before the request does anything: provably without effect, though the client cannot know.</summary>
    BeforeProcessing,

    /// <summary>After the effect is stored, before a byte of the answer: the lost response.</summary>
    AfterProcessing,
}

/// <summary>What goes wrong, for which requests, how often. Parts combine: a delay and a status, a body and a content type.</summary>
internal sealed record Fault
{
    /// <summary>One or several with commas, e.g. <c>POST,PUT</c>; null for any.</summary>
    public string? Method { get; init; }

    /// <summary>Regular expression over path and query below the base, e.g. <c>^/Observation\?</c>.</summary>
    public string Path { get; init; } = "";

    /// <summary>How many requests it strikes; null for all from then on.</summary>
    public int? Times { get; init; } = 1;

    /// <summary>How many matching requests pass unharmed first.</summary>
    public int Skip { get; init; }

    /// <summary>Waits on the server's clock before anything else.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The request is received whole before the <see cref="Delay"/>, and carried out after it even if its sender has gone: the slow server that commits late.</summary>
    public bool Stubborn { get; init; }

    public Cut Cut { get; init; }

    /// <summary>Answers so without processing.</summary>
    public int? Status { get; init; }

    /// <summary>Answers so after processing, in place of what that gave: the server that fails when all is done.</summary>
    public int? StatusAfter { get; init; }

    /// <summary>Header <c>Retry-After</c>, as written: seconds or an HTTP date.</summary>
    public string? RetryAfter { get; init; }

    /// <summary>The body of a <see cref="Status"/>, or in place of the one that processing gave.</summary>
    public string? Body { get; init; }

    /// <summary>In place of <c>application/fhir+json</c>.</summary>
    public string? ContentType { get; init; }

    /// <summary>The connection is cut after so many bytes of a body announced whole.</summary>
    public int? TruncateAfter { get; init; }

    /// <summary>After so many bytes nothing more comes, and the connection stays open.</summary>
    public int? StallAfter { get; init; }

    /// <summary>Further headers of the answer.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    internal bool Concerns(string method, string pathAndQuery)
        => (Method is null || Method.Split(',').Contains(method)) && Regex.IsMatch(pathAndQuery, Path, RegexOptions.None, TimeSpan.FromSeconds(1));

    internal string Name => Cut != Cut.Never ? $"cut {Cut}" : (Status ?? StatusAfter) is { } s ? $"status {s}" : StallAfter is not null ? "stall" : TruncateAfter is not null ? "truncate"
        : Body is not null ? "body" : ContentType is not null ? "content type" : "delay";
}
