using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Intake.Notifications;

/// <summary>Reads a notification in each of the forms in which servers send them. Pure.</summary>
/// <remarks>
/// R4 rest-hook (subscription.html): an empty POST, or a PUT of the resource where a payload type is set. Medplum POSTs the resource
/// always, and <c>{}</c> with a header for a delete. HAPI sends DELETE too. Topic notifications: <see cref="TopicNotification"/>.
/// </remarks>
internal static class NotificationReader
{
    /// <summary>A POST to the hook itself.</summary>
    /// <param name="deleted">Header X-Medplum-Deleted-Resource.</param>
    /// <exception cref="FhirFormatException">Not JSON, not FHIR, or neither a ServiceRequest nor a Bundle.</exception>
    public static Notification ReadPost(ReadOnlyMemory<byte> body, Uri ehrBase, string? deleted)
    {
        if (IsBlank(body.Span) || IsEmptyObject(body.Span))
            return OrderReference.Read(deleted, ehrBase) is { } gone ? Notification.Of(gone) : Notification.Unnamed;

        var resource = RawResource.Read(body);
        return resource.Type switch
        {
            OrderReference.Type => resource.Id is { } id ? Notification.Of(new OrderReference(id, VersionOf(resource))) : Notification.Unnamed,
            "Bundle" => TopicNotification.Read(resource, ehrBase),
            _ => throw WrongType("A notification is a ServiceRequest, a topic notification Bundle, or empty."),
        };
    }

    /// <summary>A PUT to the hook as if it were a FHIR base.</summary>
    /// <param name="id">Of the address; checked already.</param>
    /// <exception cref="FhirFormatException">Not JSON, not FHIR, no ServiceRequest, or one with another id.</exception>
    public static Notification ReadPut(ReadOnlyMemory<byte> body, string id)
    {
        if (IsBlank(body.Span) || IsEmptyObject(body.Span)) return Notification.Of(new OrderReference(id, null));
        var resource = RawResource.Read(body);
        if (resource.Type != OrderReference.Type) throw WrongType("This address takes a ServiceRequest.");
        return resource.Id == id
            ? Notification.Of(new OrderReference(id, VersionOf(resource)))
            : throw new FhirFormatException(FormatCode.ElementShape, "value", "ServiceRequest.id", "The resource's id is not the one in the address.");
    }

    /// <summary>A version is only compared, never shown, but it is stored: what R4 would not allow as one is as good as none.</summary>
    private static string? VersionOf(RawResource resource) => resource.VersionId is { } version && ResourceTypes.IsId(version) ? version : null;

    private static bool IsBlank(ReadOnlySpan<byte> body) => body.Trim(" \t\r\n"u8).IsEmpty;

    private static bool IsEmptyObject(ReadOnlySpan<byte> body)
    {
        var inside = body.Trim(" \t\r\n"u8);
        return inside is [(byte)'{', .., (byte)'}'] && inside[1..^1].Trim(" \t\r\n"u8).IsEmpty;
    }

    private static FhirFormatException WrongType(string message) => new(FormatCode.WrongType, "invalid", "resourceType", message);
}
