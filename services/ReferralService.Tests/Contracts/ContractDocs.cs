using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ReferralService.Contracts;
using ReferralService.Packaging;

namespace ReferralService.Tests.Contracts;

/// <summary>The records' XML summaries as plain text: what a reader of C# is told, a reader of the schema is told too.</summary>
internal static partial class ContractDocs
{
    private static readonly List<XElement> Members = [.. new[] { typeof(StatusEvent), typeof(PackageManifest) }.SelectMany(t => XDocument.Load(Path.ChangeExtension(t.Assembly.Location, ".xml")).Descendants("member"))];

    private static readonly Dictionary<string, string> Summaries = Load();

    private static readonly Dictionary<string, string> Parameters = Members
        .SelectMany(member => member.Elements("param").Select(param => (Name: $"{(string)member.Attribute("name")!}.{(string)param.Attribute("name")!}", Text: Plain(param))))
        .Where(param => param.Name.StartsWith("T:", StringComparison.Ordinal)).ToDictionary(param => param.Name, param => param.Text);

    public static string? Of(Type type) => Summaries.GetValueOrDefault($"T:{type.FullName}");

    /// <summary>Of the property, or of the parameter that it was declared by in its record's head.</summary>
    public static string? Of(MemberInfo property)
        => Summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}") ?? Parameters.GetValueOrDefault($"T:{property.DeclaringType.FullName}.{property.Name}");

    private static Dictionary<string, string> Load()
        => Members.Where(member => member.Element("summary") is not null).ToDictionary(member => (string)member.Attribute("name")!, member => Plain(member.Element("summary")!));

    private static string Plain(XElement element) => Space().Replace(Text(element), " ").Trim();

    private static string Text(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "see" } see => ((string?)see.Attribute("cref") ?? "").Split('.', ':')[^1],
        XElement inner => Text(inner),
        _ => node is XText text ? text.Value : "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
