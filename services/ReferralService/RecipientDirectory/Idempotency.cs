namespace ReferralService.RecipientDirectory;

/// <summary>A recipient's idempotency character: what makes sending the same package again harmless there. The rungs of the delivery safety ladder (ADR 0008), best first.</summary>
internal enum Idempotency
{
    /// <summary>Only of a setting: found out.</summary>
    Auto,

    /// <summary>A Bundle is put under our id: the same again changes nothing.</summary>
    PutId,

    /// <summary>A write with an <c>Idempotency-Key</c> it has seen is not carried out again. Nothing at /metadata tells; only by setting.</summary>
    IdempotencyKey,

    /// <summary>Conditional create, and it can be asked for the identifier: <c>If-None-Exist</c> guards the race, the question everything else.</summary>
    IfNoneExist,

    /// <summary>It can be asked for the identifier, and says that it looked.</summary>
    Probe,

    /// <summary>Nothing can be proved: after an unknown outcome only a person sends again.</summary>
    None,
}
