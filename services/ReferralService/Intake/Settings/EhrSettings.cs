using System.Text.RegularExpressions;

namespace ReferralService.Intake.Settings;

/// <summary>Reads section <c>Ehrs</c>, every fault by its key.</summary>
internal static partial class EhrSettings
{
    private static readonly TimeSpan LongestPollInterval = TimeSpan.FromDays(1);

    public static IReadOnlyList<EhrOptions> Read(SettingsReader settings)
    {
        var section = settings.Part("Ehrs");
        var ehrs = new List<EhrOptions>();
        foreach (var name in section.Names())
        {
            if (ReadOne(section, name, settings.Peek("PublicUrl")) is { } ehr) ehrs.Add(ehr);
        }

        // A referral's id is made of the EHR's address: two names for one address would be two truths about one order.
        foreach (var twin in ehrs.GroupBy(e => e.BaseUrl.AbsoluteUri.TrimEnd('/'), StringComparer.OrdinalIgnoreCase).SelectMany(g => g.Skip(1)))
        {
            section.Fault($"{twin.Name}:BaseUrl", "is another EHR's address too; one EHR has one name");
        }

        return ehrs;
    }

    private static EhrOptions? ReadOne(SettingsReader section, string name, string? publicUrl)
    {
        var part = section.Part(name);
        if (!Name().IsMatch(name)) section.Fault(name, "is no name for an EHR; use lower-case letters, digits and hyphens, 40 at most");
        bool allowHttp = part.Flag("AllowHttp", otherwise: false);
        var baseUrl = part.PartnerAddress("BaseUrl", allowHttp);
        var read = new EhrOptions
        {
            Name = name,
            BaseUrl = baseUrl ?? new Uri("https://invalid.example/"),
            Networks = part.Networks("Networks", baseUrl, "BaseUrl"),
            NotificationSecret = Secret(part),
            Criteria = part.Text("Criteria") ?? EhrOptions.DefaultCriteria,
            Subscribe = part.Choice("Subscribe", SubscribeMode.Off),
            Topic = part.Text("Topic"),
            Heartbeat = part.Span("Heartbeat", TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
            PollInterval = part.Span("PollInterval", TimeSpan.FromMinutes(1), TimeSpan.Zero, LongestPollInterval),
            Since = part.Instant("Since"),
            AttachmentOrigins = Origins(part, allowHttp),
            Auth = PartnerAuth.Read(part),
        };
        CheckSubscribe(part, read, publicUrl);
        if (read.PollInterval > TimeSpan.Zero && read.PollInterval < TimeSpan.FromSeconds(1))
            part.Fault("PollInterval", "must be 00:00:00 (no polling) or at least one second");
        return baseUrl is null ? null : read;
    }

    private static void CheckSubscribe(SettingsReader part, EhrOptions read, string? publicUrl)
    {
        if (read.Subscribe != SubscribeMode.Off && string.IsNullOrEmpty(publicUrl))
            part.Fault("Subscribe", "needs PublicUrl: the EHR is told to call PublicUrl/fhir/notify/…, so give the address at which it reaches this service");
        if (read.Subscribe != SubscribeMode.Off && read.NotificationSecret is null)
            part.Fault("NotificationSecret", "is missing; with Subscribe the EHR is told to call with it, and calls without it are refused");
        switch (read.Subscribe)
        {
            case SubscribeMode.Topic when read.Topic is null:
                part.Fault("Topic", "is missing; Subscribe=Topic needs the canonical URL of the SubscriptionTopic that the EHR offers for ServiceRequests");
                break;
            case SubscribeMode.Topic when !Uri.TryCreate(read.Topic, UriKind.Absolute, out _):
                part.Fault("Topic", "must be an absolute canonical URL, e.g. http://example.org/SubscriptionTopic/service-requests");
                break;
            case not SubscribeMode.Topic when read.Topic is not null:
                part.Fault("Topic", "is given, but Subscribe is not Topic; set Subscribe to Topic, or take it out");
                break;
        }
    }

    private static string? Secret(SettingsReader part)
    {
        var secret = part.SecretText("NotificationSecret");
        if (secret is not null) SecretText.Check(part, "NotificationSecret", secret);
        return secret;
    }

    private static List<Uri> Origins(SettingsReader part, bool allowHttp)
    {
        var origins = new List<Uri>();
        foreach (var (key, text) in part.Items("AttachmentOrigins"))
        {
            bool good = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0
                && (uri.Scheme == "https" || uri.IsLoopback || allowHttp);
            if (!good) part.Fault(key, "is no origin: https://host or https://host:port (http only to loopback or with AllowHttp)");
            else if (SettingsReader.WhyNoPartner(text, uri!) is { } why) part.Fault(key, why);
            else origins.Add(uri!);
        }

        return origins;
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
