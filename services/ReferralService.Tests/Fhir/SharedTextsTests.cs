using System.Text;
using ReferralService.Fhir.Json;

namespace ReferralService.Tests.Fhir;

public sealed class SharedTextsTests
{
    [TestCase("Patient/1")]
    [TestCase("Pätient/🧪")]
    [TestCase("")]
    public void A_text_met_again_is_the_same_string(string text)
    {
        var texts = new SharedTexts();
        var first = texts.Of(Encoding.UTF8.GetBytes(text));

        Assert.That(first, Is.EqualTo(text));
        Assert.That(texts.Of(Encoding.UTF8.GetBytes(text)), Is.SameAs(first));
    }

    [Test]
    public void A_long_text_is_shared_too()
    {
        var texts = new SharedTexts();
        var text = new string('x', 5000);

        Assert.That(texts.Of(Encoding.UTF8.GetBytes(text)), Is.SameAs(texts.Of(new string('x', 5000))).And.EqualTo(text));
    }
}
