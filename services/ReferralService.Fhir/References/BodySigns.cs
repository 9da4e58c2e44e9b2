namespace ReferralService.Fhir.References;

/// <summary>What a resource has that must be looked at more closely; seen in passing, so that nobody need search for it.</summary>
[Flags]
public enum BodySigns
{
    None = 0,

    /// <summary>Somewhere in it an element is called <c>data</c>: there may be a file.</summary>
    Data = 1,

    /// <summary>It is an Endpoint or has one inside.</summary>
    Endpoint = 2,
}
