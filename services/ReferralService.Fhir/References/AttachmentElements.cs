namespace ReferralService.Fhir.References;

/// <summary>The names R4 gives elements of type Attachment (from its StructureDefinitions); each is one in every type that has a <c>url</c> below it.</summary>
internal static class AttachmentElements
{
    public static bool Contains(ReadOnlySpan<byte> name)
        => name.EndsWith("Attachment"u8) // valueAttachment, contentAttachment, sourceAttachment, sequenceAttachment …
            || name.SequenceEqual("attachment"u8) // DocumentReference.content, SubstanceSpecification…representation
            || name.SequenceEqual("presentedForm"u8) // DiagnosticReport
            || name.SequenceEqual("content"u8) // Media, Library
            || name.SequenceEqual("photo"u8) // Patient, Practitioner, Person, RelatedPerson, HealthcareService
            || name.SequenceEqual("image"u8) // BodyStructure, ProdCharacteristic
            || name.SequenceEqual("document"u8) // RelatedArtifact
            || name.SequenceEqual("form"u8) // ExplanationOfBenefit, ClaimResponse
            || name.SequenceEqual("structuralRepresentation"u8); // SubstancePolymer
}
