using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using ReferralService.Delivery;
using ReferralService.RecipientDirectory;

namespace ReferralService.Tests.Delivery;

/// <summary>Packages for a recipient that takes them compressed (<c>Recipients:{name}:Compress</c>).</summary>
internal sealed class CompressedTests
{
    private static readonly byte[] Large = [.. Enumerable.Repeat("""{"resourceType":"Observation","status":"final"},"""u8.ToArray(), 20_000).SelectMany(one => one)];

    [TestCase(DeliveryRoute.PutBundle)]
    [TestCase(DeliveryRoute.PostBundle)]
    [TestCase(DeliveryRoute.Transaction)]
    public async Task The_same_bytes_come_out_of_fewer(DeliveryRoute route)
    {
        byte[] wire = [];
        var (encoding, length) = ("", (long?)0);
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            (encoding, length) = (http.Request.Headers.ContentEncoding.ToString(), http.Request.ContentLength);
            wire = await ReadAsync(http);
            http.Response.StatusCode = 500;
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, compress: true);

        await bench.SendAsync(route, DeliveryBench.Package(Large));

        using var unpacked = new MemoryStream();
        await using (var gzip = new GZipStream(new MemoryStream(wire), CompressionMode.Decompress)) await gzip.CopyToAsync(unpacked);
        Assert.That((encoding, length), Is.EqualTo(("gzip", (long?)null)));
        Assert.That(unpacked.ToArray(), Is.EqualTo(Large));
        Assert.That(wire, Has.Length.LessThan(Large.Length / 10));
    }

    [Test]
    public async Task A_package_damaged_at_rest_never_arrives_whole()
    {
        // Random, so that what is compressed of it leaves before its end.
        var bytes = RandomNumberGenerator.GetBytes(1 << 20);
        var wire = new MemoryStream();
        var ended = new TaskCompletionSource();
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            try
            {
                await http.Request.Body.CopyToAsync(wire);
            }
            catch (IOException)
            {
                // The client broke off.
            }

            ended.SetResult();
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, compress: true);

        var outcome = await bench.SendAsync(DeliveryRoute.PostBundle, DeliveryBench.Package(bytes) with { Digest = DeliveryBench.Digest([1, 2, 3]) });
        await ended.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Assert.That(((DeliveryOutcome.Refused)outcome).Code, Is.EqualTo("vault-damaged"));
        Assert.That(wire.Length, Is.GreaterThan(0), "some of it had left");
        Assert.That(IsWhole(wire.ToArray()), Is.False);
    }

    [TestCase(400)]
    [TestCase(411)]
    [TestCase(415)]
    [TestCase(422)]
    [TestCase(501)]
    public async Task A_recipient_that_takes_none_compressed_gets_it_as_it_is(int refusal)
    {
        byte[] taken = [];
        await using var recipient = await ScriptedRecipient.StartAsync(async http =>
        {
            var body = await ReadAsync(http);
            http.Response.StatusCode = http.Request.Headers.ContentEncoding.Count > 0 ? refusal : 201;
            if (http.Response.StatusCode == 201) taken = body;
        });
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, compress: true);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle, DeliveryBench.Package(Large));

        Assert.That(outcome, Is.InstanceOf<DeliveryOutcome.Delivered>());
        Assert.That(taken, Is.EqualTo(Large));
        Assert.That(recipient.Requests, Is.EqualTo(2));
        Assert.That(bench.Log.Lines, Has.Some.Contains($"uro answered a compressed package with {refusal}"));
    }

    [Test]
    public async Task A_recipient_that_does_not_take_it_at_all_is_not_asked_a_third_time()
    {
        await using var recipient = await ScriptedRecipient.StartAsync(http => ScriptedRecipient.AnswerAsync(http, 415));
        await using var bench = await DeliveryBench.OpenAsync(recipient.Base, compress: true);

        var outcome = await bench.SendAsync(DeliveryRoute.PutBundle, DeliveryBench.Package(Large));

        Assert.That(((DeliveryOutcome.Refused)outcome).Code, Is.EqualTo("recipient-incapable"));
        Assert.That(recipient.Requests, Is.EqualTo(2));
    }

    private static async Task<byte[]> ReadAsync(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body);
        return body.ToArray();
    }

    /// <summary>Whether what is compressed comes to its own end (RFC 1952: its length stands in its last four bytes).</summary>
    private static bool IsWhole(byte[] wire)
    {
        using var unpacked = new MemoryStream();
        try
        {
            using var gzip = new GZipStream(new MemoryStream(wire), CompressionMode.Decompress);
            gzip.CopyTo(unpacked);
            return wire.Length >= 18 && BitConverter.ToUInt32(wire, wire.Length - 4) == unpacked.Length;
        }
        catch (InvalidDataException)
        {
            return false;
        }
    }
}
