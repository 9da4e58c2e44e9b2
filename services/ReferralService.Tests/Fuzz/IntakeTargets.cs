using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.WebUtilities;
using ReferralService.Contracts;
using ReferralService.Fhir.Resources;
using ReferralService.Intake;
using ReferralService.Intake.Commands;
using ReferralService.Intake.Notifications;
using ReferralService.Intake.Requests;
using ReferralService.Ops.Reading;
using ReferralService.Tests.Intake;

namespace ReferralService.Tests.Fuzz;

/// <summary>The readers of what EHRs, engineers and commands send to us.</summary>
internal static class IntakeTargets
{
    private static readonly Uri Ehr = new(Hooks.Base);

    public static IReadOnlyList<FuzzTarget> All { get; } =
    [
        new("the notification reader", 4, Corpus.Notifications, ReadNotification),
        new("the reader of broker commands", 2, _ => Corpus.Commands, ReadCommand),
        new("the reader of requests", 1, _ => Corpus.Submits, bytes => FhirTargets.Coded(() => JsonFields.Read(bytes, "ehr", "serviceRequest", "recipient"))),
        new("the list's filters and cursor", 1, _ => Corpus.Queries, ReadQuery),
        new("the name of an order", 1, _ => Corpus.References, ReadOrder),
    ];

    private static bool ReadNotification(byte[] bytes)
    {
        FhirTargets.Coded(() => RequireSound(NotificationReader.ReadPut(bytes, "sr-1")));
        FhirTargets.Coded(() => RequireSound(NotificationReader.ReadPost(ReadOnlyMemory<byte>.Empty, Ehr, FhirTargets.Text(bytes))));
        return FhirTargets.Coded(() => RequireSound(NotificationReader.ReadPost(bytes, Ehr, deleted: null)));
    }

    private static void RequireSound(Notification read)
        => FhirTargets.Require(
            read.Orders.Length <= TopicNotification.MostOrders && read.Orders.All(o => ResourceTypes.IsId(o.Id) && (o.Version is null || ResourceTypes.IsId(o.Version))),
            "What is stored can stand in an address.");

    private static bool ReadCommand(byte[] bytes)
    {
        switch (CommandBody.Read(bytes))
        {
            case CommandBody.Readable readable:
                FhirTargets.Require(readable.BodySha256.Length == 64, "A command has its digest.");
                return true;
            case CommandBody.Malformed malformed:
                FhirTargets.Require(ReasonCodes.All.Contains(malformed.Code), "A code is one of ours.");
                return false;
            case CommandBody.Unreadable unreadable:
                FhirTargets.Require(ReasonCodes.All.Contains(unreadable.Reason), "A code is one of ours.");
                return false;
            default:
                throw new InvalidOperationException("A body is one of three.");
        }
    }

    private static bool ReadQuery(byte[] bytes)
    {
        var text = FhirTargets.Text(bytes);
        if (ListCursor.Read(text) is { } number) FhirTargets.Require(ListCursor.Read(ListCursor.Write(number)) == number, "A cursor read is a cursor written.");
        var (query, fault) = ListFilters.Read(new QueryCollection(QueryHelpers.ParseQuery(text)));
        FhirTargets.Require(query is null != fault is null, "A query, or what is wrong with it.");
        FhirTargets.Require(query is null || query.Limit is >= 1 and <= 200, "A page has its bound.");
        return query is not null;
    }

    private static bool ReadOrder(byte[] bytes)
    {
        var order = OrderReference.ReadAsked(FhirTargets.Text(bytes), Ehr);
        if (order is { } named) FhirTargets.Require(ResourceTypes.IsId(named.Id), "What is asked for can stand in an address.");
        return order is not null;
    }
}
