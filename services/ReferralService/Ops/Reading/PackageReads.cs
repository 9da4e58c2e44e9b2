using Microsoft.Net.Http.Headers;
using ReferralService.Contracts;
using ReferralService.Intake.Access;
using ReferralService.Intake.Answers;
using ReferralService.Ledger;

namespace ReferralService.Ops.Reading;

/// <summary><c>GET /api/referrals/{id}/package</c> and <c>/manifest</c>: streamed from the vault, chunk by chunk, once it is recorded who looks at it.</summary>
internal sealed class PackageReads(ReferralBook book, PackageVault vault, OperatorActions actions, TimeProvider time)
{
    public static readonly Refusal NoPackage = new(
        StatusCodes.Status404NotFound, ReasonCodes.NoPackage, "not-found", "There is no package of this referral: it is not built yet, or the referral ended before it was.");

    public static readonly Refusal Purged = new(
        StatusCodes.Status410Gone, ReasonCodes.PackagePurged, "deleted", "The package was deleted because its time (Vault:Retention) was over. Its digest and timeline stay.");

    private static readonly Refusal KeyMissing = new(
        StatusCodes.Status500InternalServerError, ReasonCodes.VaultKeyMissing, "exception", "The key this package is encrypted with is not in Vault:KeyFile. Tell the operator.");

    private static readonly Refusal Damaged = new(
        StatusCodes.Status500InternalServerError, ReasonCodes.VaultDamaged, "exception", "What is stored is not what was packaged, so it is not given. Tell the operator.");

    public async Task PackageAsync(HttpContext context)
    {
        if (await FindPackagedAsync(context) is not { PackageId: { } id, PackageDigest: { } digest } row)
        {
            return;
        }

        var tag = new EntityTagHeaderValue($"\"{digest}\"");
        context.Response.Headers.ETag = tag.ToString();
        context.Response.Headers.CacheControl = "no-store";
        if (context.Request.GetTypedHeaders().IfNoneMatch.Any(given => given.Compare(tag, useStrongComparison: false) || given.Equals(EntityTagHeaderValue.Any)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return;
        }

        await RecordAsync(context, OperatorActs.ReadPackage, row.Id);
        context.Response.ContentLength = row.PackageBytes;
        await CopyAsync(context, id, VaultPart.Bundle, "application/fhir+json");
    }

    public async Task ManifestAsync(HttpContext context)
    {
        if (await FindPackagedAsync(context) is { PackageId: { } id } row)
        {
            await RecordAsync(context, OperatorActs.ReadManifest, row.Id);
            context.Response.Headers.CacheControl = "no-store";
            await CopyAsync(context, id, VaultPart.Manifest, "application/json");
        }
    }

    public static Refusal Of(VaultUnreadableException unreadable) => unreadable.Code == ReasonCodes.VaultKeyMissing ? KeyMissing : Damaged;

    /// <summary>Of a HEAD nothing is: it shows no more than the referral itself does.</summary>
    private Task RecordAsync(HttpContext context, string action, ReferralId referral)
        => HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : actions.AppendAsync(ByHand.Act(context, action, time.GetUtcNow()) with { Referral = referral }, context.RequestAborted);

    private async Task<Referral?> FindPackagedAsync(HttpContext context)
    {
        var row = await ReferralReads.FindAsync(context, book);
        if (row is { PackagePurgedAt: not null })
        {
            await RefusalAnswer.WriteAsync(context, Purged);
            return null;
        }

        if (row is { PackageId: null })
        {
            await RefusalAnswer.WriteAsync(context, NoPackage);
            return null;
        }

        return row;
    }

    /// <summary>Streams a part; whoever calls has recorded that it is looked at.</summary>
    public async Task CopyAsync(HttpContext context, Guid packageId, VaultPart part, string contentType)
    {
        context.Response.ContentType = contentType;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        try
        {
            if (!await vault.CopyToAsync(packageId, part, context.Response.Body, context.RequestAborted))
            {
                context.Response.Clear();
                await RefusalAnswer.WriteAsync(context, NoPackage);
            }
        }
        catch (VaultUnreadableException) when (context.Response.HasStarted)
        {
            // A part of it is out; a broken connection says that the rest will not come.
            context.Abort();
        }
        catch (VaultUnreadableException unreadable)
        {
            context.Response.Clear();
            await RefusalAnswer.WriteAsync(context, Of(unreadable));
        }
    }
}
