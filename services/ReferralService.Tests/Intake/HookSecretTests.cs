using System.Security.Cryptography;
using System.Text;
using ReferralService.Intake.Notifications;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Intake;

public sealed class HookSecretTests
{
    private const string Secret = "a-secret-of-this-test";

    [Fault("S04")]
    [TestCase("Bearer a-secret-of-this-test", true)]
    [TestCase("bearer  a-secret-of-this-test ", true)]
    [TestCase("Bearer a-secret-of-this-tes", false)]
    [TestCase("Bearer A-secret-of-this-test", false)]
    [TestCase("Bearer ", false)]
    [TestCase("Basic a-secret-of-this-test", false)]
    [TestCase("a-secret-of-this-test", false)]
    [TestCase("", false)]
    [TestCase(null, false)]
    public void Only_the_secret_itself_is_the_bearer(string? header, bool expected) => Assert.That(HookSecret.IsBearer(header, Secret), Is.EqualTo(expected));

    [Test]
    public void A_signature_is_the_hexadecimal_HMAC_of_the_very_bytes()
    {
        var body = Encoding.UTF8.GetBytes(Hooks.Order());
        var signature = Convert.ToHexStringLower(HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), body));

        Assert.Multiple(() =>
        {
            Assert.That(HookSecret.IsSignature(signature, body, Secret), Is.True);
            Assert.That(HookSecret.IsSignature(signature.ToUpperInvariant(), body, Secret), Is.True);
            Assert.That(HookSecret.IsSignature(signature, [.. body, (byte)' '], Secret), Is.False, "another body");
            Assert.That(HookSecret.IsSignature(signature, body, Secret + "x"), Is.False, "another secret");
            Assert.That(HookSecret.IsSignature(signature[..62], body, Secret), Is.False, "shortened");
            Assert.That(HookSecret.IsSignature(new string('z', 64), body, Secret), Is.False, "no hexadecimal");
            Assert.That(HookSecret.IsSignature(null, body, Secret), Is.False, "absent");
        });
    }
}
