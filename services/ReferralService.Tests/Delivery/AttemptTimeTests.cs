using System.Text;
using ReferralService.Delivery;

namespace ReferralService.Tests.Delivery;

/// <summary>A sender that was frozen past its attempt's time completes nothing when it wakes.</summary>
internal sealed class AttemptTimeTests
{
    [TestCase(true, false)]
    [TestCase(false, false)]
    [TestCase(true, true)]
    [TestCase(false, true)]
    public async Task The_last_byte_leaves_only_while_the_attempt_may_still_end(bool inTime, bool compressed)
    {
        var bytes = Encoding.UTF8.GetBytes(DeliveryBench.DocumentJson);
        using var content = new PackageContent(DeliveryBench.Package(bytes), () => inTime, compressed);
        using var connection = new MemoryStream();

        try
        {
            await content.CopyToAsync(connection);
        }
        catch (Exception) when (!inTime && content.SourceFault is AttemptOverException)
        {
            // What the sender sees.
        }

        // Of so little, what is compressed leaves at its end; only gzip's header of ten bytes (RFC 1952 2.3) before.
        if (compressed) Assert.That(connection.Length, inTime ? Is.GreaterThan(10) : Is.EqualTo(10));
        else Assert.That(connection.Length, Is.EqualTo(inTime ? bytes.Length : bytes.Length - 1));
    }
}
