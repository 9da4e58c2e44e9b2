using System.IO.Pipelines;
using ReferralService.Contracts;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging.Authored;
using ReferralService.Packaging.Conformance;
using ReferralService.Packaging.Sections;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Packaging;

/// <summary>Writes the Bundle of a record once, from slices, to a stream. A function of its arguments: it knows no clock and no chance, and of settings only how consents are read and what is done with what does not conform.</summary>
/// <param name="consent">Null: as if nothing were configured and no code were on a list.</param>
/// <param name="validation">Null: as if nothing were configured.</param>
internal sealed class PackageBuilder(ConsentOptions? consent = null, ValidationOptions? validation = null)
{
    private readonly DisclosureMaker _disclosures = new(consent ?? new ConsentOptions());
    private readonly StreamPipeWriterOptions _pipe = new(minimumBufferSize: 64 * 1024, leaveOpen: true);

    /// <param name="output">Takes the Bundle as it is written; left open. Worth nothing unless the outcome is <see cref="PackagingOutcome.Packaged"/>.</param>
    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public async Task<PackagingOutcome> BuildAsync(GatheredRecord record, PackageOrder order, Stream output, CancellationToken cancellationToken)
    {
        if (RecordCheck.WhyNot(record, out var request, out var patient) is { } impossible) return impossible;
        var disclosure = _disclosures.Make(record, order.RecipientKeys, order.BuiltAt, cancellationToken);
        if (disclosure is not Disclosure.Decided decided)
        {
            var refused = (Disclosure.Refused)disclosure;
            return new PackagingOutcome.Impossible(refused.Code, refused.Path, refused.Message);
        }

        // The manifest is written from it: it goes with the outcome.
        var contents = new PackageContents(decided.Record, request!, patient!, order);
        var omitted = Omissions.Of(decided.Record, decided.Withheld);
        using var room = new PooledBytes(SpooledPieces.Most);
        var bodies = new CarriedBodies(decided.Record, room.Room);
        var imaging = StudyAccess.Of(bodies, contents);
        using var tokens = new BodyTokens(bodies);
        using var plan = order.Form == PackageForm.Collection ? null : new SectionPlan(tokens, contents, imaging, order.Form);
        var lint = new CarriedLint();
        for (int i = 0; i < contents.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            lint.Take(contents.ResourceAt(i), tokens);
            plan?.Take(contents[i]);
        }

        if (lint.FirstError is { } where && validation?.Carried == CarriedPolicy.Hold)
        {
            return new PackagingOutcome.Impossible(
                ReasonCodes.RecordInvalid, where,
                $"{lint.WithErrors} of the record's resources {(lint.WithErrors == 1 ? "is" : "are")} not as R4 says, at {lint.ErrorPlaces}, and Validation:Carried holds for that. A preview under Warn lists them all. Have them mended at the EHR, or set it to Warn; then retry.");
        }

        var composition = plan is null
            ? null
            : new CompositionWriter(order, contents, plan.Finish(cancellationToken), OutsideView.Omitted(omitted, record, contents), decided.Marks, decided.Notice,
                OutsideView.Planned(record, contents) is { } planned ? ChecklistTable.Of(planned, contents) : null);

        // A collection only carries; but a notice that the law wants must stand somewhere.
        var provenance = order.Form == PackageForm.Collection && decided.Notice is null ? null : new ProvenanceWriter(order, contents, decided.Notice);
        var pipe = PipeWriter.Create(output, _pipe);
        try
        {
            using var writer = new PackageWriter(pipe, order, contents, bodies);
            int entries = await writer.WriteAsync(composition, provenance, decided.Marks, cancellationToken);
            await pipe.CompleteAsync();
            return new PackagingOutcome.Packaged(PackageManifest.Of(order, contents, omitted, decided.Account, lint.Rows, record.Searches, record.Planned, imaging), entries)
            {
                Carried = TypeTally.Of(contents), Contents = contents,
            };
        }
        catch (AuthoredFaultException fault)
        {
            await pipe.CompleteAsync(fault);
            return new PackagingOutcome.Impossible(ReasonCodes.PackageInvalid, fault.Path, "What this service wrote into the package is not as R4 says. That is a fault of its own: report it with the path.");
        }
        catch (Exception failure)
        {
            // Gives the buffers back without writing what is left in them.
            await pipe.CompleteAsync(failure);
            throw;
        }
    }
}
