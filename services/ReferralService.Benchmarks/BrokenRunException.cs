namespace ReferralService.Benchmarks;

/// <summary>Something other than time went wrong: a process died, a byte is wrong, an event is missing. Only this makes a run fail.</summary>
internal sealed class BrokenRunException(string message) : Exception(message);
