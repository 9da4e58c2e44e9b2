using System.Globalization;

namespace ReferralService.Benchmarks.Report;

/// <summary>The middle of the rounds, and between which values they lay.</summary>
internal readonly record struct Spread(double Median, double Least, double Most)
{
    /// <param name="values">One of each round; none gives not-a-number.</param>
    public static Spread Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length == 0 ? new(double.NaN, double.NaN, double.NaN) : new(sorted[sorted.Length / 2], sorted[0], sorted[^1]);
    }

    /// <summary>The ratios of each round, so that a busy moment of the machine falls on both sides.</summary>
    public static Spread Ratio(IEnumerable<double> these, IEnumerable<double> those) => Of(these.Zip(those, (a, b) => a / b));

    public static implicit operator Spread(double value) => new(value, value, value);

    /// <summary><c>0.62 (0.58–0.66)</c>; of one value only that.</summary>
    public string Text(string format) => Least.Equals(Most)
        ? Number(Median, format)
        : $"{Number(Median, format)} ({Number(Least, format)}–{Number(Most, format)})";

    private static string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
