namespace ReferralService.Ledger;

/// <summary>How the ledger's database stands, as one sees who opens it beside a running service and leaves nothing in it.</summary>
internal sealed record LedgerCondition
{
    /// <summary>The file with its full path, or server and database.</summary>
    public required string Where { get; init; }

    /// <summary>False: the first start will make it.</summary>
    public bool Exists { get; init; }

    /// <summary>The schema it is at; null while that could not be read.</summary>
    public long? Version { get; init; }

    /// <summary>The schema of this build.</summary>
    public int BuildVersion { get; init; }

    /// <summary>Another process holds it (SQLite).</summary>
    public bool InUse { get; init; }

    /// <summary>What is wrong; null: it can be used.</summary>
    public LedgerTrouble? Trouble { get; init; }

    /// <summary>It can be used, but.</summary>
    public IReadOnlyList<LedgerTrouble> Remarks { get; init; } = [];

    /// <summary>SQLite: a block was written and synced in its folder. PostgreSQL: one round trip.</summary>
    public TimeSpan? Took { get; init; }

    /// <summary>Of a server: its version.</summary>
    public string? Server { get; init; }

    /// <summary>Bytes of the file and of its write-ahead log.</summary>
    public (long File, long Log)? Bytes { get; init; }

    /// <summary>The database's clock less ours.</summary>
    public TimeSpan? ClockSkew { get; init; }

    /// <summary>Whether the books can be read: this build's tables are there.</summary>
    public bool Readable => Exists && Version == BuildVersion && Trouble is null or { LeavesReadable: true };
}

/// <param name="Code">Permanent.</param>
/// <param name="What">Words of ours.</param>
/// <param name="Remedy">One line.</param>
internal sealed record LedgerTrouble(string Code, string What, string Remedy)
{
    /// <summary>What is in it can be read all the same.</summary>
    public bool LeavesReadable { get; init; }
}
