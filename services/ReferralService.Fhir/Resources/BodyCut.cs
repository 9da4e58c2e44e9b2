namespace ReferralService.Fhir.Resources;

/// <summary>A run of bytes that was taken out of a resource while it streamed by, and put away in one piece.</summary>
/// <param name="At">Before which of the bytes that were left it belongs; several may belong at one place, in this order.</param>
/// <param name="Kept">Where it was put, as whoever keeps it said.</param>
public readonly record struct BodyCut(int At, long Kept, int Length);
