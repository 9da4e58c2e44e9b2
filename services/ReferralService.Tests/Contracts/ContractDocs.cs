using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using ReferralService.Contracts;

namespace ReferralService.Tests.Contracts;

/// <summary>The records' XML summaries as plain text: what a reader of C# is told, a reader of the schema is told too.</summary>
internal static partial class ContractDocs
{
    private static readonly Dictionary<string, string> Summaries = Load();

    public static string? Of(Type type) => Summaries.GetValueOrDefault($"T:{type.FullName}");

    public static string? Of(MemberInfo property) => Summaries.GetValueOrDefault($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private static Dictionary<string, string> Load()
        => XDocument.Load(Path.ChangeExtension(typeof(StatusEvent).Assembly.Location, ".xml")).Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(member => (string)member.Attribute("name")!, member => Space().Replace(Text(member.Element("summary")!), " ").Trim());

    private static string Text(XElement element) => string.Concat(element.Nodes().Select(node => node switch
    {
        XElement { Name.LocalName: "see" } see => ((string?)see.Attribute("cref") ?? "").Split('.', ':')[^1],
        XElement inner => Text(inner),
        _ => node is XText text ? text.Value : "",
    }));

    [GeneratedRegex(@"\s+")]
    private static partial Regex Space();
}
