namespace ReferralService.Sandbox.Consultant;

/// <summary>What a consultant's server honours that makes a repeated delivery harmless: the five kinds that there are.</summary>
internal enum ConsultantCharacter
{
    /// <summary>PUT /Bundle/{id} creates under the sender's id, and <c>If-None-Match: *</c> keeps it from overwriting.</summary>
    PutId,

    /// <summary>Conditional create, said in /metadata, and search by identifier.</summary>
    IfNoneExist,

    /// <summary>A POST with an Idempotency-Key it has seen gets the first one's answer; nothing can be searched.</summary>
    IdempotencyKey,

    /// <summary>Only search by identifier.</summary>
    Searchable,

    /// <summary>Nothing: a search gives everything, whatever it asks for.</summary>
    Nothing,
}
