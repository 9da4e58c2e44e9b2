using System.Collections.Concurrent;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Consultant;

/// <summary>What was carried out under each Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): the same key again has no second effect.</summary>
internal sealed class KeyedAnswers
{
    private static readonly byte[] Again =
        """{"resourceType":"OperationOutcome","issue":[{"severity":"information","code":"informational","diagnostics":"It was carried out before."}]}"""u8.ToArray();

    /// <summary>False while the first one is still worked on.</summary>
    private readonly ConcurrentDictionary<string, bool> _done = new(StringComparer.Ordinal);

    /// <param name="carryOut">The first time: does it and answers.</param>
    /// <param name="repeat">Every other time: answers only.</param>
    /// <exception cref="FhirRefusal">409: the first one is still worked on.</exception>
    public async Task OnceAsync(string key, Func<Task> carryOut, Func<byte[], Task> repeat)
    {
        if (!_done.TryAdd(key, false))
        {
            if (!_done.GetValueOrDefault(key)) throw new FhirRefusal(409, "conflict", "This key is being worked on.");
            await repeat(Again);
            return;
        }

        try
        {
            await carryOut();
            _done[key] = true;
        }
        catch
        {
            // Refused: the key was not used up.
            _done.TryRemove(key, out _);
            throw;
        }
    }
}
