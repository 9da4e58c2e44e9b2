using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;
using ReferralService.RecipientDirectory;

namespace ReferralService.Flow;

/// <summary>What a preview gave. Closed.</summary>
internal abstract record PreviewOutcome
{
    private PreviewOutcome() { }

    public sealed record Shown(PackageManifest Manifest) : PreviewOutcome;

    /// <param name="Later">It may succeed later; else a person must act.</param>
    public sealed record Refused(string Code, string Message, bool Later) : PreviewOutcome
    {
        /// <summary>As <see cref="GatherOutcome.Impossible.Missing"/>.</summary>
        public IReadOnlyList<string> Missing { get; init; } = [];

        /// <summary>Element path, when one is to blame.</summary>
        public string? Path { get; init; }
    }
}

/// <summary>Gathers and packages as the walk would, into nothing: stores nothing, sends nothing.</summary>
internal sealed class PackagePreview(
    OrderReader orders, RecipientResolver resolver, RecipientRegistry recipients, TargetFinder targets, RecordGatherer gatherer, PackageBuilder builder, StepTime time)
{
    public async Task<PreviewOutcome> ShowAsync(Uri ehrBase, string ehr, string orderId, string? recipient, CancellationToken cancellationToken)
    {
        switch (await orders.ReadAsync(ehr, orderId, cancellationToken))
        {
            case OrderReading.Found { Order: var order }:
                return OrderCriteria.WhyNotActionable(order.View) is null
                    ? await ShowAsync(ehrBase, order, orderId, recipient, cancellationToken)
                    : new PreviewOutcome.Refused(ReasonCodes.NotActionable, "The order is not one to act on.", Later: false);
            case OrderReading.NotFound:
                return new PreviewOutcome.Refused(ReasonCodes.OrderNotFound, "The EHR has no ServiceRequest with this id.", Later: false);
            case OrderReading.Gone:
                return new PreviewOutcome.Refused(ReasonCodes.OrderGone, "The ServiceRequest was deleted at the EHR.", Later: false);
            case OrderReading.Unreadable no:
                return new PreviewOutcome.Refused(no.Code, "The EHR does not let the order be read now.", Later: !no.NeedsPerson);
            default:
                throw new InvalidOperationException("A reading that nobody knows.");
        }
    }

    private async Task<PreviewOutcome> ShowAsync(Uri ehrBase, OrderSnapshot order, string orderId, string? asked, CancellationToken cancellationToken)
    {
        var resolution = asked is null ? await resolver.ResolveAsync(order, cancellationToken) : new RecipientResolution.Resolved(asked);
        switch (resolution)
        {
            case RecipientResolution.Unresolved no:
                return new PreviewOutcome.Refused(no.Code, no.Message, Later: false);
            case RecipientResolution.Deferred later:
                return new PreviewOutcome.Refused(later.Code, "The EHR could not be asked who the performer is.", Later: true);
        }

        var name = ((RecipientResolution.Resolved)resolution).Recipient;
        if (recipients.Find(name) is not { } recipient)
        {
            return new PreviewOutcome.Refused(ReasonCodes.RecipientUnknown, "The recipient is not configured.", Later: false);
        }

        var (form, obstacle) = recipient.Form switch
        {
            RecipientForm.Document => (PackageForm.Document, null),
            RecipientForm.Transaction => (PackageForm.Transaction, null),
            RecipientForm.Collection => (PackageForm.Collection, null),
            _ => await DecideFormAsync(name, cancellationToken),
        };
        if (obstacle is not null)
        {
            return obstacle;
        }

        switch (await gatherer.ShowAsync(order, time.Now, cancellationToken))
        {
            case GatherOutcome.Deferred later:
                return new PreviewOutcome.Refused(later.Code, "The record could not be had from the EHR now.", Later: true);
            case GatherOutcome.Impossible no:
                return new PreviewOutcome.Refused(no.Code, no.Message, Later: false) { Missing = no.Missing };
            case GatherOutcome.Gathered { Record: var record }:
                await using (record)
                {
                    var plan = new PackageOrder(ReferralId.Create(ehrBase, orderId, asked), 1, form, name, recipient.BaseUrl, time.Now) { RecipientKeys = recipient.Matches };
                    return await builder.BuildAsync(record, plan, Stream.Null, cancellationToken) switch
                    {
                        PackagingOutcome.Packaged made => new PreviewOutcome.Shown(made.Manifest),
                        PackagingOutcome.Impossible no => new PreviewOutcome.Refused(no.Code, no.Message, Later: false) { Path = no.Path },
                        _ => throw new InvalidOperationException("A packaging outcome that nobody knows."),
                    };
                }

            default:
                throw new InvalidOperationException("A gather outcome that nobody knows.");
        }
    }

    /// <summary>As the walk decides it, but the recipient's answer is waited for: a preview holds no step's place.</summary>
    private async Task<(PackageForm Form, PreviewOutcome.Refused? Obstacle)> DecideFormAsync(string recipient, CancellationToken cancellationToken)
    {
        var wished = time.Now;
        var (form, otherwise) = await targets.FindFormAsync(recipient, wished, cancellationToken);
        if (otherwise is TargetResolution.Awaited)
        {
            await targets.AnsweredAsync(recipient, cancellationToken);
            (form, otherwise) = await targets.FindFormAsync(recipient, wished, cancellationToken);
        }

        return otherwise switch
        {
            null => (form, null),
            TargetResolution.Held no => (default, new PreviewOutcome.Refused(no.Code, no.Message, Later: false)),
            TargetResolution.Deferred later => (default, new PreviewOutcome.Refused(later.Code, "The recipient could not be asked what it takes.", Later: true)),
            TargetResolution.Awaited => (default, new PreviewOutcome.Refused(ReasonCodes.RecipientUnreachable, "The recipient has not answered yet what it takes.", Later: true)),
            _ => throw new InvalidOperationException("A target that nobody knows."),
        };
    }
}
