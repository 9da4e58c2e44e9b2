namespace ReferralService.Benchmarks.Walk;

internal enum LedgerKind
{
    Sqlite,
    PostgreSql,
}

internal enum BusKind
{
    InMemory,
    RabbitMq,
}

/// <summary>On what the service runs; each with all that it does: FULL sync, confirms, an encrypted vault.</summary>
internal sealed record Setup(LedgerKind Ledger, BusKind Bus, int Replicas = 1)
{
    public static readonly Setup Usual = new(LedgerKind.Sqlite, BusKind.RabbitMq);

    public override string ToString()
        => $"{(Ledger == LedgerKind.Sqlite ? "SQLite FULL" : "PostgreSQL")}, {(Bus == BusKind.InMemory ? "bus in memory" : "RabbitMQ")}{(Replicas > 1 ? $", {Replicas} replicas" : "")}";
}
