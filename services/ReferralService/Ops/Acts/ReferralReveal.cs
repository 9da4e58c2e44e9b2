using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;
using ReferralService.Ops.Pages;
using ReferralService.Ops.Pages.Reveal;
using ReferralService.Ops.Reading;

namespace ReferralService.Ops.Acts;

/// <summary>What is in a package, shown on a page or given as a file: to role privacy, for a reason, and recorded before the first of it is read.</summary>
internal sealed class ReferralReveal(ReferralBook book, PackageVault vault, PackageReads reads, OperatorActions actions, TimeProvider time)
{
    public async Task<IResult> ShowAsync(HttpContext context)
    {
        var (row, refusal) = await FindAsync(context);
        if (row is null)
        {
            return RefusalPage.Of(context, refusal!);
        }

        if (await RecordAsync(context, row, OperatorActs.Reveal) is { } fault)
        {
            return Faulty(row, fault);
        }

        using var manifest = new MemoryStream();
        try
        {
            if (!await vault.CopyToAsync(row.PackageId!.Value, VaultPart.Manifest, manifest, context.RequestAborted))
            {
                return RefusalPage.Of(context, PackageReads.NoPackage);
            }
        }
        catch (VaultUnreadableException unreadable)
        {
            return RefusalPage.Of(context, PackageReads.Of(unreadable));
        }

        manifest.Position = 0;
        return Page.Of<RevealPage>(new Dictionary<string, object?>
        {
            [nameof(RevealPage.Id)] = row.Id.Value, [nameof(RevealPage.Order)] = $"ServiceRequest/{row.OrderId}", [nameof(RevealPage.View)] = await PackageTreeView.ReadAsync(manifest, context.RequestAborted),
        });
    }

    public async Task<IResult> DownloadAsync(HttpContext context)
    {
        var (row, refusal) = await FindAsync(context);
        if (row is null)
        {
            return RefusalPage.Of(context, refusal!);
        }

        return await RecordAsync(context, row, OperatorActs.ReadPackage) is { } fault ? Faulty(row, fault) : new Download(reads, row);
    }

    private static IResult Faulty(Referral row, string fault) => Page.Of<RevealPage>(
        new Dictionary<string, object?> { [nameof(RevealPage.Id)] = row.Id.Value, [nameof(RevealPage.Order)] = $"ServiceRequest/{row.OrderId}", [nameof(RevealPage.Fault)] = fault },
        StatusCodes.Status400BadRequest);

    /// <returns>Null: it is recorded; else what is wrong with the reason.</returns>
    private async Task<string?> RecordAsync(HttpContext context, Referral row, string action)
    {
        var (reason, fault) = RevealReasons.Read(await context.Request.ReadFormAsync(context.RequestAborted));
        if (reason is null)
        {
            return fault;
        }

        var act = ByHand.Act(context, action, time.GetUtcNow()) with { Referral = row.Id, Reason = reason.Reason, Ticket = reason.Ticket };
        await actions.AppendAsync(act, context.RequestAborted);
        return null;
    }

    private async Task<(Referral? Row, Refusal? Refusal)> FindAsync(HttpContext context)
    {
        var row = Guid.TryParseExact((string?)context.Request.RouteValues["id"], "D", out var id) ? await book.FindAsync(new ReferralId(id), context.RequestAborted) : null;
        return row switch
        {
            null => (null, ReferralReads.NoReferral),
            { PackagePurgedAt: not null } => (null, PackageReads.Purged),
            { PackageId: null } => (null, PackageReads.NoPackage),
            _ => (row, null),
        };
    }

    /// <summary>The bytes as they were sent, streamed.</summary>
    private sealed class Download(PackageReads reads, Referral row) : IResult
    {
        public Task ExecuteAsync(HttpContext httpContext)
        {
            httpContext.Response.ContentLength = row.PackageBytes;
            httpContext.Response.Headers.ContentDisposition = $"attachment; filename=\"package-{row.PackageId:D}.json\"";
            return reads.CopyAsync(httpContext, row.PackageId!.Value, VaultPart.Bundle, "application/fhir+json");
        }
    }
}
