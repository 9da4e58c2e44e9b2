namespace ReferralService.Ledger;

/// <summary>The database could not take or give what was asked (busy, full, gone). Nothing was half written. Callers answer 503 with Retry-After, or try again later.</summary>
internal sealed class LedgerUnavailableException(string code, Exception inner) : Exception(code, inner)
{
    /// <summary><c>ledger-busy</c>, <c>ledger-full</c>, <c>ledger-unreachable</c> or <c>ledger-failed</c>.</summary>
    public string Code { get; } = code;
}
