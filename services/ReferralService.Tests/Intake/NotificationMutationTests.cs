using FsCheck;
using FsCheck.Fluent;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;
using ReferralService.Intake;
using ReferralService.Intake.Notifications;

namespace ReferralService.Tests.Intake;

public sealed class NotificationMutationTests
{
    private static readonly Uri Ehr = new(Hooks.Base);

    private static readonly string[] Seeds =
    [
        Hooks.Order(),
        Hooks.Topic("event-notification", focuses: ["ServiceRequest/a", $"{Hooks.Base}/ServiceRequest/b"], entries: Hooks.Entry("b", Hooks.Order("b"))),
        Hooks.Topic("handshake", "requested"),
        "{}",
    ];

    private static readonly string[] Splices = ["{", "}", "[", "]", "\"", ",", ":", "null", "1e999", "\\ud800", "\0", "\"resourceType\":", "\"id\":\"../x\"", "[[[[[[[["];

    /// <summary>Bytes flipped, cut out and put in at random places of real notifications.</summary>
    [Test]
    public void No_bytes_whatever_give_anything_but_a_notification_or_a_coded_fault()
    {
        var mutation =
            from at in Gen.Choose(0, 5000)
            from kind in Gen.Choose(0, 2)
            from with in Gen.Choose(0, 255)
            select (at, kind, with);
        var mutated =
            from seed in Gen.Elements(Seeds)
            from mutations in mutation.ListOf()
            select mutations.Aggregate(Hooks.Utf8(seed).ToArray(), (bytes, m) => Mutate(bytes, m.at, m.kind, m.with));

        Prop.ForAll(mutated.ToArbitrary(), Holds).Check(Config.QuickThrowOnFailure.WithMaxTest(3000));
    }

    private static bool Holds(byte[] body)
    {
        try
        {
            var read = NotificationReader.ReadPost(body, Ehr, deleted: null);
            return read.Orders.Length <= TopicNotification.MostOrders && read.Orders.All(IsSound);
        }
        catch (FhirFormatException e)
        {
            return e.Code.Length > 0 && e.IssueType.Length > 0;
        }
    }

    private static bool IsSound(OrderReference order) => ResourceTypes.IsId(order.Id) && (order.Version is null || ResourceTypes.IsId(order.Version));

    private static byte[] Mutate(byte[] bytes, int at, int kind, int with)
    {
        if (bytes.Length == 0) return [(byte)with];
        at %= bytes.Length;
        return kind switch
        {
            0 => [.. bytes[..at], (byte)with, .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + (with % 16))..]],
            _ => [.. bytes[..at], .. System.Text.Encoding.UTF8.GetBytes(Splices[with % Splices.Length]), .. bytes[at..]],
        };
    }
}
