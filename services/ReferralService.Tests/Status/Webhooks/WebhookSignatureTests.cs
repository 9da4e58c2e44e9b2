using System.Text;
using System.Text.Json;
using ReferralService.Status.Webhooks;
using ReferralService.Tests.Contracts;

namespace ReferralService.Tests.Status.Webhooks;

internal sealed class WebhookSignatureTests
{
    /// <summary>The example of the specification, and the one that its libraries are tested with.</summary>
    [TestCase("plJ3nmyCDGBKInavdOK15jsl", "msg_loFOjxBNrRLzqYUf", 1731705121, """{"event_type":"ping","data":{"success":true}}""", "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=")]
    [TestCase("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, """{"test": 2432232314}""", "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")]
    public void It_is_the_one_of_the_specification(string secret, string id, long timestamp, string body, string signature)
        => Assert.That(
            WebhookSignature.Of([Convert.FromBase64String(secret)], id, DateTimeOffset.FromUnixTimeSeconds(timestamp), Encoding.UTF8.GetBytes(body)), Is.EqualTo(signature));

    [Test]
    public void Each_secret_signs()
    {
        ReadOnlyMemory<byte> one = new byte[] { 1 }, two = new byte[] { 2 };
        var both = WebhookSignature.Of([one, two], "id", DateTimeOffset.UnixEpoch, default);

        Assert.That(both.Split(' '), Is.EqualTo(new[] { WebhookSignature.Of([one], "id", DateTimeOffset.UnixEpoch, default), WebhookSignature.Of([two], "id", DateTimeOffset.UnixEpoch, default) }));
    }

    /// <summary>By the npm package standardwebhooks, which nobody here wrote.</summary>
    [Test, Category("Agreement")]
    public async Task A_receiver_of_another_make_accepts_what_is_sent_with_the_old_secret_and_with_the_new_one()
    {
        ContractChecks.Need();
        ReadOnlyMemory<byte> old = Enumerable.Repeat((byte)7, 24).ToArray(), fresh = Enumerable.Repeat((byte)8, 64).ToArray();
        await using var scene = await WebhookScene.StartAsync(TimeProvider.System);
        await scene.ReferralAsync("1", 1);
        await using (await scene.RelayAsync(null, fresh, old))
        {
            await scene.UntilToldAsync();
        }

        var hook = scene.Receiver.Heard.Single();
        Assert.Multiple(async () =>
        {
            Assert.That(await VerifyAsync(hook, WebhookScene.SecretOf(old), hook.Body), Is.EqualTo((0, "verified referral.received")));
            Assert.That(await VerifyAsync(hook, WebhookScene.SecretOf(fresh), hook.Body), Is.EqualTo((0, "verified referral.received")));
            Assert.That(await VerifyAsync(hook, WebhookScene.Secret, hook.Body), Is.EqualTo((1, "")), "another secret");
            Assert.That(await VerifyAsync(hook, WebhookScene.SecretOf(old), [.. hook.Body, (byte)' ']), Is.EqualTo((1, "")), "another body");
        });
    }

    private static async Task<(int ExitCode, string Output)> VerifyAsync(HeardHook hook, string secret, byte[] body)
    {
        var file = Path.GetTempFileName();
        try
        {
            await File.WriteAllTextAsync(file, JsonSerializer.Serialize(new
            {
                secret, headers = hook.Headers.Where(header => header.Key.StartsWith("webhook-", StringComparison.OrdinalIgnoreCase)).ToDictionary(), body = Encoding.UTF8.GetString(body),
            }));
            var (code, output, _) = await ContractChecks.RunAsync("webhook.mjs", file);
            return (code, output);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
