namespace ReferralService.Ledger;

/// <summary>Tells whether something was written since it was read: take the mark before reading, move it after the write is done.</summary>
internal sealed class ChangeMark
{
    private long _mark;

    public long Mark => Interlocked.Read(ref _mark);

    public void Move() => Interlocked.Increment(ref _mark);
}
