namespace ReferralService.Fhir.Resources;

/// <summary>Identifier.system and .value; either may be absent.</summary>
public readonly record struct FhirIdentifier(string? System, string? Value, string? TypeCode = null);
