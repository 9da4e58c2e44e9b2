namespace ReferralService.Fhir.Client;

/// <summary>Limits and habits of a client; all have safe defaults.</summary>
public sealed record FhirClientOptions
{
    /// <summary>Of one resource, read by itself or in a page, and of any other body; after decompression.</summary>
    public long MaxBodyBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Of one search page, of which one entry at a time is held.</summary>
    public long MaxPageBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Pages of one search.</summary>
    public int MaxPages { get; init; } = 500;

    /// <summary>Queries longer than this many characters go as POST _search.</summary>
    public int MaxQueryLength { get; init; } = 1800;

    public bool AlwaysPostSearch { get; init; }

    /// <summary>Searches say <c>Prefer: handling=strict</c>: a server that does not know a parameter then refuses instead of ignoring it.</summary>
    public bool StrictSearch { get; init; }

    /// <summary>No byte for this long ends the request (code timeout). It is idle time, not total time.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The same within the answer's body, where a server that thought long about a search has begun to talk; null: <see cref="IdleTimeout"/>.</summary>
    public TimeSpan? BodyIdleTimeout { get; init; }

    /// <summary>An answer's body that comes more slowly than this on average, <see cref="SlowGrace"/> aside, ends as a timeout; 0: however slowly.</summary>
    public long MinBytesPerSecond { get; init; }

    /// <summary>Waiting for a body that is not held against <see cref="MinBytesPerSecond"/>.</summary>
    public TimeSpan SlowGrace { get; init; } = TimeSpan.FromSeconds(30);
}
