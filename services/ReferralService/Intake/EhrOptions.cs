using System.Net;

namespace ReferralService.Intake;

internal enum SubscribeMode { Off, R4, Topic }

internal enum AuthKind { None, Bearer, Basic, SmartBackend }

/// <summary>How to authenticate at a partner. Secrets are never echoed.</summary>
internal sealed record PartnerAuth
{
    public AuthKind Kind { get; init; } = AuthKind.None;
    public string? Token { get; init; }
    public string? User { get; init; }
    public string? Password { get; init; }

    /// <summary>Reads part <c>Auth</c> of a partner; SmartBackend is refused (not-built) until it exists.</summary>
    public static PartnerAuth Read(SettingsReader partner)
    {
        var auth = partner.Part("Auth");
        var read = new PartnerAuth { Kind = auth.Choice("Kind", AuthKind.None), Token = auth.SecretText("Token"), User = auth.Text("User"), Password = auth.SecretText("Password") };
        foreach (var (key, secret) in new[] { ("Token", read.Token), ("User", read.User), ("Password", read.Password) })
        {
            if (secret is not null && !secret.All(c => c is > ' ' and < '\x7f'))
            {
                auth.Fault(key, "cannot travel in a header; use visible ASCII characters without spaces");
            }
        }

        switch (read.Kind)
        {
            case AuthKind.None when read.Token is not null || read.User is not null || read.Password is not null:
                auth.Fault("Kind", "is None, but a secret is given; set it to Bearer or Basic, or take the secret out");
                break;
            case AuthKind.Bearer when read.Token is null:
                auth.Fault("Token", "is missing; Bearer needs it");
                break;
            case AuthKind.Basic when read.User is null || read.Password is null:
                auth.Fault("User", "or Password is missing; Basic needs both");
                break;
            case AuthKind.SmartBackend:
                auth.Fault("Kind", "SmartBackend is not built yet (not-built); use None, Bearer or Basic");
                break;
        }

        return read;
    }
}

/// <summary>One EHR: section <c>Ehrs:{name}</c>.</summary>
internal sealed record EhrOptions
{
    public const string DefaultCriteria = "ServiceRequest?status=active&intent=order";

    /// <summary>[a-z0-9-]{1,40}; part of routes and routing keys.</summary>
    public required string Name { get; init; }

    /// <summary>FHIR base URL.</summary>
    public required Uri BaseUrl { get; init; }

    /// <summary>Networks its address must lie in; none: any that a partner may have.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; init; } = [];

    /// <summary>Required before notifications are accepted: bearer token, and key of X-Signature's HMAC-SHA256.</summary>
    public string? NotificationSecret { get; init; }

    /// <summary>Which orders become referrals, as a search on ServiceRequest; evaluated again locally on the order read.</summary>
    public string Criteria { get; init; } = DefaultCriteria;

    /// <summary>Which Subscription is made and kept at the EHR; Off touches nothing there.</summary>
    public SubscribeMode Subscribe { get; init; } = SubscribeMode.Off;

    /// <summary>Canonical URL of the topic, for <see cref="SubscribeMode.Topic"/>.</summary>
    public string? Topic { get; init; }

    /// <summary>How soon a dead subscription is noticed: Topic asks the EHR for a heartbeat this often and looks after two are missing; R4 has none, and the
    /// Subscription is read this often. Default 5 minutes, 1 second to 1 day; whole seconds.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Time between sweeps; zero switches polling off (a sweep that a hook made due still runs). Default 1 minute.</summary>
    public TimeSpan PollInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Orders changed before the first start are left alone, unless this instant reaches back.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>Origins from which attachments may be fetched, without the EHR's token; its own, outside the FHIR base, only when it is among them.</summary>
    public IReadOnlyList<Uri> AttachmentOrigins { get; init; } = [];

    public PartnerAuth Auth { get; init; } = new();
}

/// <summary>All configured EHRs by name.</summary>
internal sealed class EhrRegistry(IEnumerable<EhrOptions> ehrs)
{
    private readonly Dictionary<string, EhrOptions> _ehrs = ehrs.ToDictionary(e => e.Name, StringComparer.Ordinal);

    public IReadOnlyCollection<EhrOptions> All => _ehrs.Values;

    public EhrOptions? Find(string name) => _ehrs.GetValueOrDefault(name);
}
