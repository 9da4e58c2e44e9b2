namespace ReferralService.Intake.Settings;

/// <summary>Setting <c>PublicUrl</c>: where others reach this service. Null when it is not said; nothing is ever guessed from a Host header.</summary>
internal sealed record PublicAddress(Uri? Url)
{
    public static PublicAddress Read(SettingsReader settings)
    {
        if (settings.Text("PublicUrl") is not { } text) return new PublicAddress((Uri?)null);
        bool good = Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https"
            && url.UserInfo.Length == 0 && url.Query.Length == 0 && url.Fragment.Length == 0;
        if (!good) settings.Fault("PublicUrl", "must be an absolute http or https URL without user info, query or fragment, e.g. https://referrals.example.org");
        return new PublicAddress(good ? url : null);
    }
}
