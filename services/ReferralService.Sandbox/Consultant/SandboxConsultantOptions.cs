using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Consultant;

/// <summary>What POST at the base does.</summary>
internal enum TransactionMode
{
    /// <summary>All or nothing.</summary>
    Atomic,

    /// <summary>Each entry for itself though /metadata promises transactions: 200, with failures only in the entries. Some real servers do.</summary>
    Batch,

    /// <summary>Not there: 405, and not in /metadata.</summary>
    None,
}

internal sealed record SandboxConsultantOptions
{
    /// <summary>0 for any free one.</summary>
    public int Port { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public string? BearerToken { get; init; }

    /// <summary>Whether /Bundle is there to store documents.</summary>
    public bool StoresBundles { get; init; } = true;

    /// <summary>Whether PUT to a new id creates, and /metadata says so.</summary>
    public bool UpdateCreate { get; init; } = true;

    /// <summary>Whether POST /Bundle honours If-None-Exist, and /metadata says so.</summary>
    public bool ConditionalCreate { get; init; }

    /// <summary>Whether a POST with an Idempotency-Key that was carried out before gets its answer again.</summary>
    public bool IdempotencyKeys { get; init; }

    /// <summary>Off: a search by identifier gives everything, and its self link says that the filter was dropped. Some real servers do so, even under handling=strict.</summary>
    public bool FindsIdentifiers { get; init; } = true;

    public TransactionMode Transactions { get; init; } = TransactionMode.Atomic;

    /// <summary>Entries of a transaction; one more is 400.</summary>
    public int MaxEntries { get; init; } = int.MaxValue;

    /// <summary>One byte more is 413.</summary>
    public long MaxBodyBytes { get; init; } = 512L * 1024 * 1024;

    /// <summary>Types an entry must not have: 422 for the whole, or for that entry in a batch.</summary>
    public IReadOnlySet<string> RefusedTypes { get; init; } = new HashSet<string>();

    /// <summary>Whether a Bundle stored whole gets the server's versionId and lastUpdated. Off, its bytes stay as received (a POST still sets the id).</summary>
    public bool StampsBundles { get; init; }

    public SearchHabits Search { get; init; } = new();

    /// <summary>A server that stores Bundles and is of one character.</summary>
    public static SandboxConsultantOptions Of(ConsultantCharacter character) => new()
    {
        UpdateCreate = character == ConsultantCharacter.PutId,
        ConditionalCreate = character == ConsultantCharacter.IfNoneExist,
        IdempotencyKeys = character == ConsultantCharacter.IdempotencyKey,
        FindsIdentifiers = character is ConsultantCharacter.PutId or ConsultantCharacter.IfNoneExist or ConsultantCharacter.Searchable,
        Transactions = TransactionMode.None,
    };
}
