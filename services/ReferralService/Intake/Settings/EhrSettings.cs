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
            if (ReadOne(section, name) is { } ehr) ehrs.Add(ehr);
        }

        // A referral's id is made of the EHR's address: two names for one address would be two truths about one order.
        foreach (var twin in ehrs.GroupBy(e => e.BaseUrl.AbsoluteUri.TrimEnd('/'), StringComparer.OrdinalIgnoreCase).SelectMany(g => g.Skip(1)))
        {
            section.Fault($"{twin.Name}:BaseUrl", "is another EHR's address too; one EHR has one name");
        }

        return ehrs;
    }

    private static EhrOptions? ReadOne(SettingsReader section, string name)
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
            PollInterval = part.Span("PollInterval", TimeSpan.FromMinutes(1), TimeSpan.Zero, LongestPollInterval),
            Since = part.Instant("Since"),
            AttachmentOrigins = Origins(part, allowHttp),
            Auth = PartnerAuth.Read(part),
        };
        if (read.Subscribe != SubscribeMode.Off)
            part.Fault("Subscribe", "R4 and Topic are not built yet (not-built); use Off and create the Subscription at the EHR, or let polling find the orders");
        if (read.PollInterval > TimeSpan.Zero && read.PollInterval < TimeSpan.FromSeconds(1))
            part.Fault("PollInterval", "must be 00:00:00 (no polling) or at least one second");
        return baseUrl is null ? null : read;
    }

    private static string? Secret(SettingsReader part)
    {
        var secret = part.Text("NotificationSecret");
        if (secret is not null) SecretText.Check(part, "NotificationSecret", secret);
        return secret;
    }

    private static List<Uri> Origins(SettingsReader part, bool allowHttp)
    {
        var origins = new List<Uri>();
        foreach (var text in part.List("AttachmentOrigins"))
        {
            bool good = Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
                && uri.UserInfo.Length == 0 && uri.PathAndQuery == "/" && uri.Fragment.Length == 0
                && (uri.Scheme == "https" || uri.IsLoopback || allowHttp);
            if (good) origins.Add(uri!);
            else part.Fault("AttachmentOrigins", "holds what is no origin; each is https://host or https://host:port (http only to loopback or with AllowHttp)");
        }

        return origins;
    }

    [GeneratedRegex(@"^[a-z0-9-]{1,40}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
