using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Resources;

/// <summary>What the rooms read of a Subscription: R4's own, and that of the Subscriptions R5 Backport (its criteria is then the topic).</summary>
public sealed record SubscriptionView
{
    /// <summary>Extension on <c>criteria</c>: a filter as a search, each of which must hold.</summary>
    public const string FilterExtension = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-filter-criteria";

    public string? Id { get; init; }

    /// <summary>requested, active, error or off.</summary>
    public string? Status { get; init; }

    /// <summary>When the server is to switch it off; as written.</summary>
    public string? End { get; init; }

    public string? Reason { get; init; }

    public string? Criteria { get; init; }

    /// <summary>The backport's filters, in their order.</summary>
    public IReadOnlyList<string> Filters { get; init; } = [];

    public string? Endpoint { get; init; }

    public string? Payload { get; init; }

    /// <summary>One HTTP header line each; some servers keep them to themselves.</summary>
    public IReadOnlyList<string> Headers { get; init; } = [];

    /// <exception cref="Errors.FhirFormatException">Not a Subscription, or an element read here has the wrong JSON shape; the path names it.</exception>
    public static SubscriptionView Read(RawResource resource)
    {
        var e = ElementReader.Open(resource, "Subscription");
        var view = new SubscriptionView { Id = resource.Id };
        while (e.Next())
        {
            if (e.Is("status"u8)) view = view with { Status = e.Text() };
            else if (e.Is("end"u8)) view = view with { End = e.Text() };
            else if (e.Is("reason"u8)) view = view with { Reason = e.Text() };
            else if (e.Is("criteria"u8)) view = view with { Criteria = e.Text() };
            else if (e.Is("_criteria"u8)) view = view with { Filters = ReadFilters(ref e) };
            else if (e.Is("channel"u8)) view = ReadChannel(ref e, view);
            else e.Skip();
        }

        return view;
    }

    private static SubscriptionView ReadChannel(ref ElementReader e, SubscriptionView view)
    {
        if (!e.Enter()) return view;
        while (e.Next())
        {
            if (e.Is("endpoint"u8)) view = view with { Endpoint = e.Text() };
            else if (e.Is("payload"u8)) view = view with { Payload = e.Text() };
            else if (e.Is("header"u8)) view = view with { Headers = e.Texts() };
            else e.Skip();
        }

        return view;
    }

    private static IReadOnlyList<string> ReadFilters(ref ElementReader e)
    {
        IReadOnlyList<string> filters = [];
        if (!e.Enter()) return filters;
        while (e.Next())
        {
            if (e.Is("extension"u8)) filters = e.List(static (ref ElementReader item) => ReadFilter(ref item));
            else e.Skip();
        }

        return filters;
    }

    private static string? ReadFilter(ref ElementReader e)
    {
        if (!e.Enter()) return null;
        string? url = null, value = null;
        while (e.Next())
        {
            if (e.Is("url"u8)) url = e.Text();
            else if (e.Is("valueString"u8)) value = e.Text();
            else e.Skip();
        }

        return url == FilterExtension ? value : null;
    }
}
