namespace ReferralService.Packaging.Withholding;

/// <summary>Whether a condition of a consent is met. What cannot be told counts against disclosure: a permit needs Yes, a denial holds unless No.</summary>
internal enum Fit
{
    No,
    Maybe,
    Yes,
}

internal static class Fits
{
    /// <summary>All conditions together.</summary>
    public static Fit And(this Fit one, Fit other) => one < other ? one : other;

    /// <summary>Alternatives.</summary>
    public static Fit Or(this Fit one, Fit other) => one > other ? one : other;

    public static Fit When(bool met) => met ? Fit.Yes : Fit.No;

    /// <summary>Any of the alternatives; Yes when none is given, for then nothing is asked.</summary>
    public static Fit AnyOf<T>(IReadOnlyList<T> alternatives, Func<T, Fit> fit)
        => alternatives.Count == 0 ? Fit.Yes : alternatives.Aggregate(Fit.No, (best, one) => best.Or(fit(one)));
}
