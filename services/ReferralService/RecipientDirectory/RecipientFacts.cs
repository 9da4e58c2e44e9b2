namespace ReferralService.RecipientDirectory;

/// <summary>What recipients taught us beyond their /metadata, as keys of the ledger's PartnerMemory (partner <c>recipient:{name}</c>); written as <c>key=value</c> where one is handed on.</summary>
internal static class RecipientFacts
{
    public const string Refused = "refused";

    /// <summary><c>put-bundle=refused</c>: a Bundle cannot be created by PUT, whatever /metadata says.</summary>
    public const string PutBundle = "put-bundle";

    /// <summary><c>post-bundle=refused</c>: a Bundle cannot be created by POST.</summary>
    public const string PostBundle = "post-bundle";

    /// <summary><c>max-bytes=n</c>: a package of n bytes was too large. Told to people; never a reason not to try, because limits are raised.</summary>
    public const string MaxBytes = "max-bytes";

    /// <summary><c>if-none-match=refused</c>: a PUT with <c>If-None-Match: *</c> is not taken, one without may be.</summary>
    public const string IfNoneMatch = "if-none-match";

    /// <summary><c>statement={digest}</c>: of what /metadata said when the rest was learned. Another statement is another server: everything is learned anew.</summary>
    public const string Statement = "statement";

    /// <summary><c>address={digest}</c>: of the BaseUrl where the rest was learned. It holds there while /metadata says nothing.</summary>
    public const string Address = "address";

    /// <summary><c>idempotency={character} {route}</c>: what was found for that route.</summary>
    public const string Idempotency = "idempotency";

    public static string Partner(string recipient) => $"recipient:{recipient}";

    public static bool Says(this IReadOnlyDictionary<string, string> facts, string key, string value)
        => facts.TryGetValue(key, out var known) && known == value;
}
