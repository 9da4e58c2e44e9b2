using System.Globalization;
using System.Security.Claims;

namespace ReferralService.Intake.Access.Sessions;

/// <summary>Somebody is signed in. All of it stands in the cookie, sealed; nothing but its early end is kept here.</summary>
/// <param name="Id">128 random bits in hex; says nothing.</param>
/// <param name="Key">Name of the key that opened it; null where an identity provider vouched.</param>
/// <param name="Stamp">What the session stands on (<see cref="ApiKey.Stamp"/>): when that is not so any more, neither is the session.</param>
internal sealed record Session(string Id, Caller Caller, string? Key, string Stamp, DateTimeOffset Begun)
{
    /// <summary>Ends when nothing was asked for so long.</summary>
    public static readonly TimeSpan Idle = TimeSpan.FromMinutes(15);

    /// <summary>Ends then however busy.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromHours(12);

    private const string KeyClaim = "key";
    private const string StampClaim = "stamp";
    private const string BegunClaim = "begun";

    public DateTimeOffset Until => Begun + Longest;

    /// <summary>The id is what forms are bound to: a form made in one session is none in the next.</summary>
    public ClaimsPrincipal ToPrincipal()
    {
        var identity = new ClaimsIdentity(SessionCookies.Scheme);
        identity.AddClaim(new Claim(ClaimTypes.NameIdentifier, Id));
        identity.AddClaim(new Claim(ClaimTypes.Name, Caller.Name));
        identity.AddClaim(new Claim(ClaimTypes.Role, Caller.Role.ToString()));
        identity.AddClaim(new Claim(StampClaim, Stamp));
        identity.AddClaim(new Claim(BegunClaim, Begun.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture)));
        if (Key is not null) identity.AddClaim(new Claim(KeyClaim, Key));
        return new ClaimsPrincipal(identity);
    }

    /// <summary>Null: it is none that this build made.</summary>
    public static Session? Of(ClaimsPrincipal? principal)
        => principal?.FindFirstValue(ClaimTypes.NameIdentifier) is { } id && principal.FindFirstValue(ClaimTypes.Name) is { } name
            && Enum.TryParse<ApiRole>(principal.FindFirstValue(ClaimTypes.Role), out var role) && principal.FindFirstValue(StampClaim) is { } stamp
            && long.TryParse(principal.FindFirstValue(BegunClaim), NumberStyles.None, CultureInfo.InvariantCulture, out long begun)
            ? new Session(id, new Caller(name, role), principal.FindFirstValue(KeyClaim), stamp, DateTimeOffset.FromUnixTimeSeconds(begun))
            : null;
}
