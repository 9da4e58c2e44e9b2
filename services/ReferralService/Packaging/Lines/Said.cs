namespace ReferralService.Packaging.Lines;

/// <summary>Words that stand in a <see cref="SpokenText"/>; of no length: there is nothing to say.</summary>
internal readonly record struct Said(int At, int Length)
{
    public bool IsNothing => Length == 0;
}
