namespace ReferralService.Ledger;

/// <summary>The ledger cannot be opened as it is; a person must act. The message is one sentence or two that say what and how.</summary>
internal sealed class LedgerStartException(string message, Exception? inner = null) : Exception(message, inner);
