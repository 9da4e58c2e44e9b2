namespace ReferralService.Contracts;

/// <summary>Where a code is met first; some are met in several places, and their texts say so.</summary>
public enum ReasonKind
{
    /// <summary>A referral is held: a person or a setting must act.</summary>
    Held,

    /// <summary>It is tried again by itself (<c>referral.deferred</c>, with <c>nextAttemptAt</c>).</summary>
    Deferred,

    /// <summary>The subscription at an EHR does not work; polling goes on.</summary>
    Subscription,

    /// <summary>The referral ended without being delivered.</summary>
    Ended,

    /// <summary>The answer to a request or a command.</summary>
    Answer,
}

/// <summary>What one code of <see cref="ReasonCodes"/> means to the person who meets it. Plain sentences of ours, the same on every page, in every answer and in docs/runbook.md.</summary>
/// <remarks>No markup: settings are named by their key (<c>Gathering:Deadline</c>), calls as <c>POST /api/…</c>, codes and values bare.</remarks>
public sealed class ReasonRemedy
{
    internal ReasonRemedy(string code, ReasonKind kind, string meaning, string byItself, string remedy)
        => (Code, Kind, Meaning, ByItself, Remedy) = (code, kind, meaning, byItself, remedy);

    public string Code { get; }

    public ReasonKind Kind { get; }

    /// <summary>What has happened.</summary>
    public string Meaning { get; }

    /// <summary>What the service does about it without being asked.</summary>
    public string ByItself { get; }

    /// <summary>What a person does about it; says so when there is nothing to do.</summary>
    public string Remedy { get; }

    /// <summary>The code's place in docs/runbook.md, without the #.</summary>
    public string Anchor => "code-" + Code;
}
