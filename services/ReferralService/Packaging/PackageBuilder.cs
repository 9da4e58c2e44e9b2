using System.IO.Pipelines;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging.Authored;
using ReferralService.Packaging.Sections;

namespace ReferralService.Packaging;

/// <summary>Writes the Bundle of a record once, from slices, to a stream. A function of its arguments: it knows no clock, no chance, no setting.</summary>
internal sealed class PackageBuilder
{
    private readonly StreamPipeWriterOptions _pipe = new(minimumBufferSize: 64 * 1024, leaveOpen: true);

    /// <param name="output">Takes the Bundle as it is written; left open. Worth nothing unless the outcome is <see cref="PackagingOutcome.Packaged"/>.</param>
    /// <exception cref="InvalidDataException">The spool was damaged since the record was gathered.</exception>
    public async Task<PackagingOutcome> BuildAsync(GatheredRecord record, PackageOrder order, Stream output, CancellationToken cancellationToken)
    {
        if (RecordCheck.WhyNot(record, out var request, out var patient) is { } impossible) return impossible;
        var contents = new PackageContents(record, request!, patient!, order);
        var omitted = Omissions.Of(record);
        var bodies = new CarriedBodies(record);
        var composition = order.Form == PackageForm.Collection
            ? null
            : new CompositionWriter(order, contents, SectionPlan.Make(bodies, contents, cancellationToken), omitted);

        var pipe = PipeWriter.Create(output, _pipe);
        try
        {
            int entries = await new PackageWriter(pipe, order, contents, bodies).WriteAsync(composition, cancellationToken);
            await pipe.CompleteAsync();
            return new PackagingOutcome.Packaged(PackageManifest.Of(order, contents, omitted, record.Searches, record.Planned), entries);
        }
        catch (Exception failure)
        {
            // Gives the buffers back without writing what is left in them.
            await pipe.CompleteAsync(failure);
            throw;
        }
    }
}
