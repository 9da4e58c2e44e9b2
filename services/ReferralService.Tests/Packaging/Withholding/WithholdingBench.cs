using System.Text;
using ReferralService.Packaging.Withholding;

namespace ReferralService.Tests.Packaging.Withholding;

/// <summary>One referral to one recipient on one day, held against whatever Consents and labels a test gives.</summary>
internal static class WithholdingBench
{
    public const string Recipient = "Organization/uro";

    public static readonly DateTimeOffset Today = new(2026, 5, 4, 10, 0, 0, TimeSpan.Zero);

    public static readonly LabelBook Labels = LabelFiles.Load(null, fault => Assert.Fail(fault));

    public static ConsentOptions Options(ConsentDefault byDefault = ConsentDefault.Permit) => new() { Default = byDefault, Labels = Labels };

    /// <param name="provision">JSON of Consent.provision, or null for none.</param>
    public static string Consent(string? provision, string id = "c", string status = "active", string dateTime = "2026-01-01", string more = "")
        => $$"""
            {"resourceType":"Consent","id":"{{id}}","meta":{"versionId":"3"},"status":"{{status}}","scope":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/consentscope","code":"patient-privacy"}]},"category":[{"coding":[{"system":"http://loinc.org","code":"59284-0"}]}],"patient":{"reference":"Patient/p"},"dateTime":"{{dateTime}}","policy":[{"uri":"https://example.org/policy"}]{{more}}{{(provision is null ? "" : $",\"provision\":{provision}")}}}
            """;

    public static string Observation(string id, string more = "", string date = "2026-03-01", string meta = "")
        => $$"""{"resourceType":"Observation","id":"{{id}}"{{meta}},"status":"final","code":{"text":"a result"},"subject":{"reference":"Patient/p"},"effectiveDateTime":"{{date}}"{{more}}}""";

    /// <param name="codes">Of v3-ActCode, or U L M N R V.</param>
    public static string Meta(params string[] codes)
        => $",\"meta\":{{\"security\":[{string.Join(',', codes.Select(Label))}]}}";

    public static string Label(string code)
        => $$"""{"system":"http://terminology.hl7.org/CodeSystem/{{(code.Length == 1 ? "v3-Confidentiality" : "v3-ActCode")}}","code":"{{code}}"}""";

    public static string Actor(string reference) => $$$"""{"role":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v3-ParticipationType","code":"IRCP"}]},"reference":{"reference":"{{{reference}}}"}}""";

    public static Disclosure Make(RecordBuilder record, ConsentOptions? options = null)
        => new DisclosureMaker(options ?? Options()).Make(record.Build(), [Recipient], Today, CancellationToken.None);

    /// <summary>Why nothing goes; null: something does.</summary>
    public static string? Refused(RecordBuilder record, ConsentOptions? options = null) => (Make(record, options) as Disclosure.Refused)?.Code;

    /// <summary>What goes, beside the order and the Patient.</summary>
    public static Disclosure.Decided Decide(RecordBuilder record, ConsentOptions? options = null)
    {
        var made = Make(record, options);
        Assert.That(made, Is.InstanceOf<Disclosure.Decided>());
        return (Disclosure.Decided)made;
    }

    public static IReadOnlyList<string> Goes(RecordBuilder record, ConsentOptions? options = null)
        => [.. Decide(record, options).Record.Resources.Select(r => r.Key.Id).Where(id => id is not ("order" or "p"))];

    public static SecurityLabels Read(string resource)
    {
        byte[] utf8 = Encoding.UTF8.GetBytes(resource);
        var labels = ResourceTraits.Read(utf8, LabelBook.Empty).Labels;
        Assert.That(LabelBook.Empty.Signs.StandIn(utf8) || ReferenceEquals(labels, SecurityLabels.None), Is.True, "what has a label has a sign of it");
        return labels;
    }
}
