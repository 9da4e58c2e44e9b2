namespace ReferralService.Fhir.Client;

/// <summary>What <see cref="LongRuns"/> leaves, as a stream.</summary>
internal sealed class ThinnedStream(LongRuns runs) : AnswerReading
{
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => runs.ReadAsync(buffer, cancellationToken);
}
