namespace ReferralService.Ledger;

/// <summary>What a person did, was shown, or was refused, by hand: from a page and over the API alike. Ids, names of keys or accounts, and codes; never a patient's data.</summary>
internal sealed record OperatorAction
{
    /// <summary>The outcome of what was done; every other outcome is a code of Contracts.ReasonCodes that says why it was not.</summary>
    public const string Done = "done";

    /// <summary>Given before it is first written, so that a try whose answer was lost leaves one row.</summary>
    public required Guid Id { get; init; }
    public required DateTimeOffset At { get; init; }

    /// <summary>Name of the key or of the account; <c>local</c> where there are no keys.</summary>
    public required string Actor { get; init; }

    /// <summary>viewer, operator or privacy; <c>none</c> where the caller had none.</summary>
    public required string Role { get; init; }

    /// <summary>Of <see cref="OperatorActs"/>.</summary>
    public required string Action { get; init; }
    public ReferralId? Referral { get; init; }

    /// <summary><c>ehr:{name}</c>, <c>recipient:{name}</c>, or the queue of dead letters; behind that, of one letter, <c>/</c> and the first 16 hex digits of its digest.</summary>
    public string? Partner { get; init; }

    /// <summary>The act on many that this was a part of.</summary>
    public Guid? Bulk { get; init; }

    /// <summary>Why, of a closed list; null where none is asked for.</summary>
    public string? Reason { get; init; }

    /// <summary>The caller's own reference, <c>[A-Za-z0-9._/-]{1,40}</c>.</summary>
    public string? Ticket { get; init; }
    public string Outcome { get; init; } = Done;

    /// <summary>Row number in order of writing; the ledger gives it.</summary>
    public long Number { get; init; }
}

/// <summary>The closed list of what is done by hand.</summary>
internal static class OperatorActs
{
    public const string Submit = "submit";
    public const string Preview = "preview";
    public const string Retry = "retry";
    public const string Cancel = "cancel";
    public const string Pause = "pause";
    public const string Resume = "resume";

    /// <summary>The package's contents shown on a page.</summary>
    public const string Reveal = "reveal";
    public const string ReadPackage = "read-package";
    public const string ReadManifest = "read-manifest";

    /// <summary>An act on many that was refused before anybody looked which it was.</summary>
    public const string Bulk = "bulk";
    public const string BulkRetry = "bulk-retry";
    public const string BulkCancel = "bulk-cancel";

    /// <summary>The rest of an act on many was called off.</summary>
    public const string BulkStop = "bulk-stop";

    /// <summary>A dead letter put back into the queue of commands.</summary>
    public const string Reingest = "re-ingest";
    public const string DeleteLetter = "delete-letter";

    /// <summary>A dead letter's body shown.</summary>
    public const string RevealLetter = "reveal-letter";
    public const string SignIn = "sign-in";
    public const string SignOut = "sign-out";
}
