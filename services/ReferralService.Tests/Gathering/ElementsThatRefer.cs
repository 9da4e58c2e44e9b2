using System.Text;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Tests.Gathering;

/// <summary>What of a type R4 makes a Reference, a canonical or an Attachment, read from the table that the validation goes by.</summary>
internal static class ElementsThatRefer
{
    private static readonly R4Definitions R4 = R4Definitions.Shared;

    /// <param name="Path">As the reference scanner writes it.</param>
    /// <param name="Lists">For each step of the path, whether JSON writes it as an array.</param>
    /// <param name="Targets">Sorted; empty: anything.</param>
    public sealed record Element(string Path, bool[] Lists, bool IsAttachment, bool IsCanonical, string[] Targets);

    public static IReadOnlyList<Element> Of(string type)
    {
        var found = new List<Element>();
        Walk(R4.TypeNamed(type), "", [], [], found);
        return found;
    }

    /// <summary>The element by which a type says whose it is; null when it does not.</summary>
    public static Element? Patient(string type) => Of(type).FirstOrDefault(e => e.Path is "subject" or "patient" or "beneficiary" && (e.Targets.Length == 0 || e.Targets.Contains("Patient")));

    private static void Walk(int type, string path, bool[] lists, int[] within, List<Element> found)
    {
        var row = R4.Types[type];
        for (int i = row.FirstElement; i < row.FirstElement + row.ElementCount; i++)
        {
            var element = R4.Elements[i];
            if ((element.Traits & ElementTraits.Forbidden) != 0) continue;
            string name = path + Encoding.ASCII.GetString(R4.NameOf(element));
            bool[] steps = [.. lists, element.IsList];
            if (element.Kind == PrimitiveKind.Canonical) found.Add(new Element(name, steps, false, true, []));
            else if (element.Kind == PrimitiveKind.None && (element.Traits & ElementTraits.AnyResource) == 0)
            {
                string of = Encoding.ASCII.GetString(R4.NameOf(R4.Types[element.Type]));
                if (of is "Reference" or "Attachment") found.Add(new Element(name, steps, of == "Attachment", false, Targets(element)));

                // Only elements of the type itself have dotted names; one inside itself is one and the same.
                else if (of.Contains('.') && !within.Contains(element.Type)) Walk(element.Type, name + ".", steps, [.. within, element.Type], found);
            }
        }
    }

    private static string[] Targets(ElementRow element) => element.Targets < 0
        ? []
        : [.. Enumerable.Range(0, R4.Types.Length).Where(t => R4.Types[t].IsResource && R4.MayLeadTo(element.Targets, t)).Select(t => Encoding.ASCII.GetString(R4.NameOf(R4.Types[t]))).Order(StringComparer.Ordinal)];
}
