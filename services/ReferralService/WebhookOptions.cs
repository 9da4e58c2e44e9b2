using System.Net;
using System.Text.RegularExpressions;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService;

/// <summary>One webhook: section <c>Webhooks:{name}</c>. Read once by Program, because the ledger writes its events down (Ledger) and the relay sends them (Status).</summary>
internal sealed partial record WebhookOptions
{
    /// <summary>What it is told.</summary>
    public required WebhookSubscription Subscription { get; init; }

    public string Name => Subscription.Name;

    /// <summary>Where events are posted to, and nowhere else.</summary>
    public required Uri Url { get; init; }

    /// <summary>Networks its address must lie in; none: any that a partner may have.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Keys that each event is signed with, all of them: while a secret is being changed, the receiver knows one of two. Never echoed.</summary>
    public required IReadOnlyList<ReadOnlyMemory<byte>> Secrets { get; init; }

    /// <summary>All that are configured; those with faults are left out, their faults are in the reader.</summary>
    public static IReadOnlyList<WebhookOptions> Read(SettingsReader settings)
    {
        var part = settings.Part("Webhooks");
        var ehrs = settings.Names("Ehrs");
        var webhooks = new List<WebhookOptions>();
        foreach (var name in part.Names())
        {
            if (!NameShape().IsMatch(name))
            {
                part.Fault(name, "is no usable name; use 1 to 40 of a-z, 0-9 and -");
            }

            if (ReadOne(part.Part(name), name, ehrs) is { } webhook)
            {
                webhooks.Add(webhook);
            }
        }

        return webhooks;
    }

    private static WebhookOptions? ReadOne(SettingsReader webhook, string name, IReadOnlyList<string> ehrs)
    {
        var allowHttp = webhook.Flag("AllowHttp", otherwise: false);
        Uri? url = null;
        if (webhook.Text("Url") is null)
        {
            webhook.Fault("Url", "is missing; give the address that events are posted to, e.g. https://tracker.example.org/referrals");
        }
        else
        {
            url = webhook.PartnerAddress("Url", allowHttp);
        }

        var networks = webhook.Networks("Networks", url, "Url");
        var secrets = WebhookSecrets.Read(webhook);
        var subscription = new WebhookSubscription(name, Events(webhook), Ehrs(webhook, ehrs));
        return url is null || secrets.Count == 0 ? null : new WebhookOptions { Subscription = subscription, Url = url, Networks = networks, Secrets = secrets };
    }

    private static HashSet<string>? Events(SettingsReader webhook)
    {
        var events = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, text) in webhook.Items("Events"))
        {
            var type = text.StartsWith(EventTypes.Prefix, StringComparison.Ordinal) ? text : EventTypes.Prefix + text;
            if (EventTypes.Sent.Contains(type))
            {
                events.Add(type[EventTypes.Prefix.Length..]);
            }
            else
            {
                webhook.Fault(key, $"is no event that is sent; those are {string.Join(", ", EventTypes.Sent)}");
            }
        }

        return events.Count == 0 ? null : events;
    }

    private static HashSet<string>? Ehrs(SettingsReader webhook, IReadOnlyList<string> known)
    {
        var ehrs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (key, text) in webhook.Items("Ehrs"))
        {
            if (!known.Contains(text, StringComparer.Ordinal))
            {
                webhook.Fault(key, "is no EHR configured under Ehrs");
            }

            ehrs.Add(text);
        }

        return ehrs.Count == 0 ? null : ehrs;
    }

    [GeneratedRegex(@"\A[a-z0-9-]{1,40}\z")]
    private static partial Regex NameShape();
}
