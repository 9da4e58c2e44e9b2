using System.Buffers.Binary;
using System.Text;
using ReferralService.Fhir.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>What an element of a resource tells the plans, by its name.</summary>
internal enum TopicMember : byte
{
    None,
    Status,
    ClinicalStatus,
    VerificationStatus,
    File,
    Images,
    Category,
    Code,
    Text,
    TextExtension,
    Number,
    Interpretation,
    Components,
    Identifier,

    /// <summary>When a specimen was taken: dates stand in it.</summary>
    Collection,

    // From here on dates, what counts most first: see DateReading.
    Happened,
    HappenedPeriod,
    WentOnPeriod,
    Written,
    Known,
    KnownPeriod,
}

internal static class TopicMembers
{
    private static readonly (byte[] Name, TopicMember Member)?[] Slots = Table(
        (TopicMember.Status, "status"), (TopicMember.ClinicalStatus, "clinicalStatus"), (TopicMember.VerificationStatus, "verificationStatus"),
        (TopicMember.File, "presentedForm content"), (TopicMember.Images, "imagingStudy"), (TopicMember.Category, "category"),
        (TopicMember.Code, "code type vaccineCode medicationCodeableConcept modality procedureCode"),
        (TopicMember.Text, "description questionnaire"), (TopicMember.TextExtension, "_questionnaire"),
        (TopicMember.Number, "valueQuantity valueInteger"), (TopicMember.Interpretation, "interpretation"), (TopicMember.Components, "component"), (TopicMember.Identifier, "identifier"),
        (TopicMember.Collection, "collection"),
        (TopicMember.Happened, "effectiveDateTime effectiveInstant performedDateTime occurrenceDateTime createdDateTime collectedDateTime started"),
        (TopicMember.HappenedPeriod, "effectivePeriod performedPeriod occurrencePeriod createdPeriod collectedPeriod"),
        (TopicMember.WentOnPeriod, "period"),
        (TopicMember.Written, "issued date authoredOn authored recordedDate created receivedTime"),
        (TopicMember.Known, "dateAsserted onsetDateTime"), (TopicMember.KnownPeriod, "onsetPeriod"));

    /// <summary>Of the name that the reader stands on.</summary>
    public static TopicMember Of(ref readonly TokenReader reader)
    {
        if (!reader.ValueIsEscaped) return Of(reader.ValueSpan);
        Span<byte> plain = reader.ValueSpan.Length <= 256 ? stackalloc byte[256] : new byte[reader.ValueSpan.Length];
        return Of(plain[..reader.CopyString(plain)]);
    }

    public static TopicMember Of(ReadOnlySpan<byte> name)
    {
        for (uint at = Hash(name); Slots[at & (Slots.Length - 1)] is var (known, member); at++)
        {
            if (name.SequenceEqual(known)) return member;
        }

        return TopicMember.None;
    }

    private static (byte[], TopicMember)?[] Table(params (TopicMember Member, string Names)[] rows)
    {
        var slots = new (byte[], TopicMember)?[256];
        foreach (var (member, names) in rows)
        {
            foreach (string name in names.Split(' '))
            {
                byte[] utf8 = Encoding.UTF8.GetBytes(name);
                uint at = Hash(utf8);
                while (slots[at & 255] is not null) at++;
                slots[at & 255] = (utf8, member);
            }
        }

        return slots;
    }

    /// <summary>Only the names above stand under it, so nobody outside can make chains.</summary>
    private static uint Hash(ReadOnlySpan<byte> name)
    {
        if (name.Length < 4) return 0;
        uint mixed = (BinaryPrimitives.ReadUInt32LittleEndian(name) * 0x9E3779B1) ^ (BinaryPrimitives.ReadUInt32LittleEndian(name[^4..]) * 0x85EBCA77) ^ (uint)name.Length;
        return mixed ^ (mixed >> 15);
    }
}
