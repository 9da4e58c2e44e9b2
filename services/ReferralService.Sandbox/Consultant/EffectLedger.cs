using System.Collections.Concurrent;

namespace ReferralService.Sandbox.Consultant;

/// <summary>Something that was really stored, whatever its sender was told.</summary>
/// <param name="Interaction"><c>create</c>, <c>update</c>, <c>transaction</c> or <c>batch</c>.</param>
/// <param name="Key">Where it is: <c>Bundle/12</c>; for a transaction the first Task's key, else the first entry's.</param>
/// <param name="Bytes">Of the request's body.</param>
/// <param name="Digest">SHA-256 of the request's body: <c>sha-256:</c> and 64 hex digits.</param>
/// <param name="Identifier">Bundle.identifier.value, or of a transaction its first Task's identifier, when there is one.</param>
/// <param name="Stored">The keys of all that was stored.</param>
internal sealed record Effect(
    DateTimeOffset At, string Interaction, string Key, long Bytes, string Digest, string? Identifier, IReadOnlyList<string> Stored);

/// <summary>What this consultant has received, in the order it was committed: the test's truth about exactly once.</summary>
internal sealed class EffectLedger
{
    private readonly ConcurrentQueue<Effect> _effects = new();

    public event Action<Effect>? Stored;

    public IReadOnlyList<Effect> All => [.. _effects];

    internal void Add(Effect effect)
    {
        _effects.Enqueue(effect);
        Stored?.Invoke(effect);
    }
}
