using System.Reflection;

namespace ReferralService.Packaging.Withholding;

/// <summary>Finds the label rules: those of this build, and those of a folder that the operator names (<c>Consent:LabelFolder</c>), which add and take nothing away.</summary>
internal static class LabelFiles
{
    private const long MostBytes = 4 * 1024 * 1024;
    private const string Folder = ".Packaging.Withholding.Sensitive.";

    /// <param name="folder">Null: none is named.</param>
    /// <param name="fault">Told each fault: file, element, what is wrong.</param>
    public static LabelBook Load(string? folder, Action<string> fault)
    {
        var rules = new List<LabelRule>();
        var assembly = Assembly.GetExecutingAssembly();
        foreach (string name in assembly.GetManifestResourceNames().Where(n => n.Contains(Folder, StringComparison.Ordinal) && IsData(n)).Order(StringComparer.Ordinal))
        {
            using var stream = assembly.GetManifestResourceStream(name)!;
            var bytes = new byte[stream.Length];
            stream.ReadExactly(bytes);
            Add(rules, name[(name.IndexOf(Folder, StringComparison.Ordinal) + Folder.Length)..], bytes, fault);
        }

        if (folder is not null) AddFolder(rules, folder, fault);
        return new LabelBook(rules);
    }

    private static void AddFolder(List<LabelRule> rules, string folder, Action<string> fault)
    {
        try
        {
            foreach (string path in Directory.EnumerateFiles(folder, "*.json").Where(IsData).Order(StringComparer.Ordinal))
            {
                string file = Path.GetFileName(path);
                if (new FileInfo(path).Length > MostBytes) fault($"{file}: is longer than 4 MiB");
                else Add(rules, file, File.ReadAllBytes(path), fault);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            fault($"cannot be read ({e.GetType().Name}); name a folder of .json files that this account may read");
        }
    }

    /// <summary>The schema may lie beside the lists.</summary>
    private static bool IsData(string name) => !name.EndsWith(".schema.json", StringComparison.Ordinal);

    private static void Add(List<LabelRule> rules, string file, byte[] utf8, Action<string> fault)
    {
        if (LabelFileReader.Read(utf8, (path, wrong) => fault($"{file}: {path}{(path.Length > 0 ? " " : "")}{wrong}")) is not { } rule) return;
        if (rules.Exists(r => r.Id == rule.Id)) fault($"{file}: id is that of another list, too; give it a name of its own");
        else rules.Add(rule);
    }
}
