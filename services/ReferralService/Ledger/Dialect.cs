namespace ReferralService.Ledger;

/// <summary>The few places where statements differ between the two databases. Everything else is common SQL: RETURNING, ON CONFLICT, UPDATE … FROM, TRUE and FALSE.</summary>
internal abstract record Dialect
{
    private Dialect() { }

    /// <summary>The clock that leases are measured by, in unix microseconds.</summary>
    public abstract string Clock { get; }

    /// <summary>The function that gives the smallest of its arguments.</summary>
    public abstract string Least { get; }

    /// <summary>The function that gives the greatest of its arguments.</summary>
    public abstract string Greatest { get; }

    /// <summary>Locks the rows a SELECT of <paramref name="table"/> yields and leaves out those that others hold. Empty where there is one writer.</summary>
    public abstract string LockFree(string table);

    /// <summary>Locks the rows a SELECT yields, waiting for those that others hold.</summary>
    public abstract string Lock { get; }

    /// <summary>Joins to each row of <paramref name="outer"/> the first rows of a correlated SELECT of <c>number</c> and <c>due_at</c>, under the name <c>r</c>.</summary>
    public abstract string JoinFirst(string outer, string select);

    /// <summary>That a row's number is among those that a SELECT finds: few, and found first.</summary>
    public abstract string IsFound(string select);

    /// <summary>A text member of the JSON object in a column; null when it has none.</summary>
    public abstract string Member(string column, string member);

    /// <summary>Whether a transition, its lines and its events fit one statement (data-modifying common table expressions).</summary>
    public abstract bool WritesTransitionInOneStatement { get; }

    /// <summary>One writer: the process's own clock, no row locks.</summary>
    public sealed record Sqlite : Dialect
    {
        /// <summary>Filled in by the session at each run.</summary>
        public const string ClockParameter = "@clock";

        public override string Clock => ClockParameter;
        public override string Least => "min";
        public override string Greatest => "max";
        public override string Lock => "";
        public override bool WritesTransitionInOneStatement => false;

        public override string LockFree(string table) => "";

        public override string IsFound(string select) => $"number IN ({select})";

        public override string Member(string column, string member) => $"({column} ->> '{member}')";

        public override string JoinFirst(string outer, string select)
            => $"{outer} JOIN referral r ON r.number IN (SELECT number FROM ({select}))";
    }

    /// <summary>Many writers: the database's clock, row locks.</summary>
    public sealed record PostgreSql : Dialect
    {
        public override string Clock => "(extract(epoch FROM clock_timestamp()) * 1000000)::bigint";
        public override string Least => "least";
        public override string Greatest => "greatest";
        public override string Lock => "FOR UPDATE";
        public override bool WritesTransitionInOneStatement => true;

        public override string LockFree(string table) => $"FOR UPDATE OF {table} SKIP LOCKED";

        // As an array: joined, it is taken for many rows, and the list is walked from the newest in search of them.
        public override string IsFound(string select) => $"number = ANY (ARRAY({select}))";

        public override string Member(string column, string member) => $"({column}::jsonb ->> '{member}')";

        public override string JoinFirst(string outer, string select) => $"{outer} CROSS JOIN LATERAL ({select}) r";
    }
}
