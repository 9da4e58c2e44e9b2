using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.Resources;
using ReferralService.Intake;

namespace ReferralService.Gathering.Subscriptions;

/// <summary>The Subscription that an EHR should have for us: the settings, as they come out at the EHR.</summary>
/// <param name="Key">UUIDv5 of the EHR's base and our endpoint: the same after a restart, on every replica and with a lost database; another for every other installation.</param>
/// <param name="Criteria">R4: the search. Topic: the topic's canonical URL.</param>
/// <param name="Filters">Topic only: searches that must all hold.</param>
/// <param name="Header">The one header line the EHR is to send: holds the secret.</param>
internal sealed record SubscriptionPlan(SubscribeMode Kind, Guid Key, string Endpoint, string Criteria, IReadOnlyList<string> Filters, string Header, TimeSpan Heartbeat)
{
    /// <summary>It ends by itself so long after it was last renewed: what nobody keeps any more does not call for ever.</summary>
    public static readonly TimeSpan Life = TimeSpan.FromDays(7);

    /// <summary>Begins the reason of every Subscription of this service, whatever installation made it.</summary>
    private const string Mark = "ReferralService ";

    /// <summary>Its id where the client may choose one.</summary>
    public string Id => Key.ToString("D");

    /// <summary>R4 demands one; it is also how we know our own again where the EHR chose the id.</summary>
    public string Reason => $"{Mark}{Id}: orders that become referrals";

    public static SubscriptionPlan For(EhrOptions ehr, Uri publicUrl)
    {
        var endpoint = $"{publicUrl.AbsoluteUri.TrimEnd('/')}/fhir/notify/{ehr.Name}";
        var key = NameBasedUuid.Create(NameBasedUuid.Url, $"{ehr.BaseUrl.AbsoluteUri.TrimEnd('/')}/Subscription#{endpoint}");
        bool topic = ehr.Subscribe == SubscribeMode.Topic;
        return new SubscriptionPlan(
            ehr.Subscribe, key, endpoint, topic ? ehr.Topic! : ehr.Criteria, topic ? [ehr.Criteria] : [], $"Authorization: Bearer {ehr.NotificationSecret}", ehr.Heartbeat);
    }

    /// <summary>Whether this installation made it: nobody else calls this endpoint under this key.</summary>
    public bool IsOurs(SubscriptionView view) => view.Endpoint == Endpoint && view.Reason?.StartsWith($"{Mark}{Id}", StringComparison.Ordinal) == true;

    /// <summary>Whether this service made it, perhaps for another PublicUrl. Only asked of what the ledger says is ours.</summary>
    public static bool IsMarked(SubscriptionView view) => view.Reason?.StartsWith(Mark, StringComparison.Ordinal) == true;

    /// <summary>What of it matters to us and may have been changed there, in one text.</summary>
    public string Shape => Join(Criteria, Filters, Endpoint, Payload, [Header]);

    /// <summary>R4: none, so the hook is empty. Topic: the media type of the Bundle; what it holds is the extension's <c>id-only</c>.</summary>
    public string? Payload => Kind == SubscribeMode.Topic ? "application/fhir+json" : null;

    public static string ShapeOf(SubscriptionView view) => Join(view.Criteria, view.Filters, view.Endpoint, view.Payload, view.Headers);

    private static string Join(string? criteria, IReadOnlyList<string> filters, string? endpoint, string? payload, IReadOnlyList<string> headers)
        => string.Join('\n', [criteria, string.Join('\t', filters), endpoint, payload, string.Join('\t', headers)]);
}
