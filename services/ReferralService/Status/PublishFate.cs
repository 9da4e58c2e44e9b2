namespace ReferralService.Status;

/// <summary>What became of one publish.</summary>
internal enum PublishFate
{
    /// <summary>The broker has it.</summary>
    Confirmed,

    /// <summary>The broker took it and had no queue for it: nobody listens, which is the listeners' choice. It is in the audit queue.</summary>
    Unrouted,

    /// <summary>The broker said no (nack).</summary>
    Refused,

    /// <summary>No word in time, or the connection broke: it may have it, so it is sent again under the same id.</summary>
    Unknown,
}
