using System.Text;
using System.Text.RegularExpressions;
using ReferralService.Fhir.Validation.Definitions;
using ReferralService.Fhir.Validation.Primitives;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>The rules written by hand against R4's own expressions, which the table carries.</summary>
public sealed class PrimitiveFormatTests
{
    private static readonly string[] Seeds =
    [
        "2026", "2026-12", "2026-12-31", "0000", "2026-13", "2026-12-32", "2026-1-1", "2026-12-31T23:59:60Z", "2026-12-31T23:59:59.123+14:00", "2026-12-31T23:59:59-13:59",
        "2026-12-31T23:59:59", "2026-12-31T24:00:00Z", "2026-12-31T23:59Z", "12:00:00", "12:00:00.5", "12:00", "23:59:61", "urn:oid:1.2.3", "urn:oid:3.1", "urn:oid:1.02", "urn:oid:1",
        "urn:uuid:6ba7b811-9dad-11d1-80b4-00c04fd430c8", "urn:uuid:6BA7b811-9dad-11d1-80b4-00c04fd430c8", "a", "a b", "a  b", " a", "a ", "A-1.b", "a_b", new('x', 64), new('x', 65), "http://x/y|1",
    ];

    private static readonly string[] Numbers = ["0", "-0", "1", "-1", "10", "1.0", "1e2", "-2147483648", "2147483647", "2147483648", "0.10"];

    [Test]
    public void Texts_are_judged_as_by_R4s_expressions()
    {
        var random = new Random(4);
        foreach (var (kind, expression) in Expressions("string"))
        {
            // The calendar and the padding of base64 are in R4's text, not in its expressions: the tests below.
            if (kind is PrimitiveKind.Base64Binary) continue;
            foreach (string text in Seeds.Concat(Enumerable.Range(0, 20_000).Select(_ => Changed(Seeds[random.Next(Seeds.Length)], random))))
            {
                if (text.Length == 0) continue;
                bool ours = PrimitiveFormat.IsText(kind, Encoding.UTF8.GetBytes(text)), theirs = expression.IsMatch(text);
                if (theirs && !ours && IsOutsideTheCalendar(text)) continue;
                Assert.That(ours, Is.EqualTo(theirs), $"{kind}: {text}");
            }
        }
    }

    [Test]
    public void Numbers_are_judged_as_by_R4s_expressions_and_within_32_bits()
    {
        foreach (var (kind, expression) in Expressions("number"))
            foreach (string digits in Numbers)
                Assert.That(
                    PrimitiveFormat.IsNumber(kind, Encoding.UTF8.GetBytes(digits)),
                    Is.EqualTo(expression.IsMatch(digits) && (kind == PrimitiveKind.Decimal || long.Parse(digits) is >= int.MinValue and <= int.MaxValue)), $"{kind}: {digits}");
    }

    [TestCase("2024-02-29", true)]
    [TestCase("2026-02-29", false)]
    [TestCase("2026-04-31", false)]
    public void A_day_must_be_in_the_calendar(string date, bool good) => Assert.That(DateFormat.IsDate(Encoding.UTF8.GetBytes(date)), Is.EqualTo(good));

    [TestCase("YWI=", true)]
    [TestCase("YQ==", true)]
    [TestCase("YW Jj\nYWJj", true)]
    [TestCase("YWJ", false)]
    [TestCase("Y===", false)]
    [TestCase("YQ==YQ==", false)]
    [TestCase("YW_j", false)]
    public void Base64_is_padded_and_of_the_standard_alphabet(string text, bool good) => Assert.That(Base64Text.IsWhole(Encoding.UTF8.GetBytes(text)), Is.EqualTo(good));

    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p a=\"1\">x</p><br/></div>", null)]
    [TestCase("<div xmlns='http://www.w3.org/1999/xhtml'><!-- c --><img src=\"#i\" alt=\"x\"/></div>", null)]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\"> <p/> </div>", "txt-2")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\">x<script>y</script></div>", "txt-1")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p onclick=\"y\">x</p></div>", "txt-1")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\"><a href=\"JavaScript:y\">x</a></div>", "txt-1")]
    [TestCase("<div>x</div>", "txt-1")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\"><p>x</div>", "txt-1")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\">x & y</div>", "txt-1")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\">x</div>y", "txt-1")]
    [TestCase("<div xmlns=\"http://www.w3.org/1999/xhtml\">x", "txt-1")]
    [TestCase("x", "txt-1")]
    public void A_narrative_is_one_harmless_div_with_something_in_it(string div, string? broken)
        => Assert.That(Xhtml.Broken(Encoding.UTF8.GetBytes(div), out _), Is.EqualTo(broken));

    private static IEnumerable<(PrimitiveKind, Regex)> Expressions(string json)
        => from line in Encoding.ASCII.GetString(TableFile.Bytes()).Split('\n')
           let words = line.Split(' ', 4)
           where words[0] == "P" && words.Length == 4 && words[2] == json
           select (Enum.Parse<PrimitiveKind>(words[1], ignoreCase: true), new Regex($"^(?:{words[3]})\\z", RegexOptions.ECMAScript));

    private static string Changed(string seed, Random random)
    {
        var text = new StringBuilder(seed);
        int at = random.Next(text.Length);
        if (random.Next(3) == 0) text.Remove(at, 1);
        else if (random.Next(2) == 0) text[at] = "0123456789-:TZ+. aF"[random.Next(19)];
        else text.Insert(at, "0123456789-:TZ+. aF"[random.Next(19)]);
        return text.ToString();
    }

    private static bool IsOutsideTheCalendar(string text) => text.Length >= 10 && !DateOnly.TryParseExact(text.AsSpan(0, 10), "yyyy-MM-dd", out _);
}
