using System.Text;
using ReferralService.Delivery;

namespace ReferralService.Tests.Delivery;

/// <summary>A sender that was frozen past its attempt's time completes nothing when it wakes.</summary>
internal sealed class AttemptTimeTests
{
    [TestCase(true)]
    [TestCase(false)]
    public async Task The_last_byte_leaves_only_while_the_attempt_may_still_end(bool inTime)
    {
        var bytes = Encoding.UTF8.GetBytes(DeliveryBench.DocumentJson);
        using var content = new PackageContent(DeliveryBench.Package(bytes), () => inTime);
        using var connection = new MemoryStream();

        try
        {
            await content.CopyToAsync(connection);
        }
        catch (Exception) when (!inTime && content.SourceFault is AttemptOverException)
        {
            // What the sender sees.
        }

        Assert.That(connection.Length, Is.EqualTo(inTime ? bytes.Length : bytes.Length - 1));
    }
}
