using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Ehr;

internal sealed record SandboxEhrOptions
{
    /// <summary>0 for any free one.</summary>
    public int Port { get; init; }

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>When set, needed for everything but /metadata.</summary>
    public string? BearerToken { get; init; }

    public SearchHabits Search { get; init; } = new();

    /// <summary>A topic on ServiceRequests that this EHR offers.</summary>
    public const string OrderTopic = "http://sandbox.example.org/SubscriptionTopic/service-request";

    /// <summary>Whether POST /Subscription is there.</summary>
    public bool Subscriptions { get; init; } = true;

    /// <summary>Whether a client may choose a Subscription's id; otherwise a PUT to an unknown one is 405.</summary>
    public bool SubscriptionIdsByClient { get; init; } = true;

    public IReadOnlyList<string> Topics { get; init; } = [OrderTopic];

    /// <summary>Between the tries of a notification; there are four in all.</summary>
    public TimeSpan NotificationRetryDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>A Binary asked for as FHIR comes without its data, as servers give one whose bytes were uploaded by themselves; the bytes are to be asked for.</summary>
    public bool BareBinaries { get; init; }

    public long MaxBodyBytes { get; init; } = 512L * 1024 * 1024;
}
