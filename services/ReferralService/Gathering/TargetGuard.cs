using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;

namespace ReferralService.Gathering;

/// <summary>Looks twice at what a reference brought, where whose it is takes more than its own text to tell.</summary>
internal sealed class TargetGuard(RecordIndex index, ReferenceReads reads, PatientCheck patient, MotherAndChild family, OwnOrigin own)
{
    /// <summary>Each takes several reads, one after the other; a newborn's chart in its mother's record proves itself, and what does not is not looked for without end.</summary>
    public const int MostVainProofs = 50;

    private readonly Dictionary<ResourceKey, PatientException> _exceptions = [];
    private int _vain;

    /// <summary>Null: it is ours by its own word.</summary>
    public PatientException? ExceptionOf(ResourceKey key) => _exceptions.GetValueOrDefault(key);

    /// <returns>The body, and why it must not travel; one without the other, or both: then the body is to be given up. And the failure that keeps it from being known now.</returns>
    public async Task<(GatheredResource? Body, string? Reason, EhrFailure? Stop)> LookAgainAsync(ResourceKey key, Fetched fetched, CancellationToken cancellationToken)
    {
        // Only an Observation can prove it: of nothing else is it tried.
        if (fetched.Gap == GapReason.OtherPatient && key.Type == "Observation" && _vain < MostVainProofs)
        {
            if (await family.ProveAsync(key, cancellationToken) is { } exception)
            {
                patient.Accept(exception);
                _exceptions[key] = exception;
                fetched = (await reads.ReadAsync([key], _ => null, cancellationToken)).Fetched[0];
            }
            else
            {
                _vain++;
            }
        }

        if (fetched.Body is not { } body || fetched.Gap is not null) return (fetched.Body, fetched.Gap, null);
        if (body.HidesPatient) return (body, GapReason.PatientUnknown, null);
        if (body.HasCredentials) return (body, GapReason.CredentialsInside, null);
        var (reason, stop) = key.Type == "Binary" ? await GuardedAsync(body, cancellationToken) : default;
        return (body, reason, stop);
    }

    /// <summary>A Binary says of nobody; R4's securityContext names the resource as which it is to be guarded. Null: that one is not another patient's. Whom one elsewhere is about cannot be asked.</summary>
    private async Task<(string? Reason, EhrFailure? Stop)> GuardedAsync(GatheredResource binary, CancellationToken cancellationToken)
    {
        var contexts = binary.References.Where(r => r is { Site: ReferenceSite.Reference, Path: "securityContext" }).ToList();

        // R4 has at most one.
        if (contexts.Count > 1) return (GapReason.PatientUnknown, null);
        foreach (var found in contexts)
        {
            var reference = FhirReference.Parse(found.Text);
            if (!own.Holds(reference) || reference.Key is not { } context) return (GapReason.PatientUnknown, null);
            if (context.Type == "Patient" || index.Knows(context)) continue;
            var (read, stop) = await reads.ReadAsync([context], _ => null, cancellationToken);
            if (read[0].Body is { } body) index.Drop(body);
            if (stop is not null || read[0].Gap is not null) return (read[0].Gap == GapReason.OtherPatient ? GapReason.OtherPatient : GapReason.PatientUnknown, stop);
        }

        return default;
    }
}
