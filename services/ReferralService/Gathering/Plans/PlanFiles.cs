using System.Reflection;
using System.Text.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>The JSON files that plans and value sets are read from: those inside the program, or those of a folder.</summary>
internal sealed class PlanFiles
{
    private const string Inside = "plans/";
    private const string ValueSetFolder = "valuesets/";
    private const int MaxBytes = 1 << 20;

    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 32 };

    private readonly SortedDictionary<string, Func<Stream>> _files = new(StringComparer.Ordinal);

    public static PlanFiles Shipped()
    {
        var files = new PlanFiles();
        var assembly = Assembly.GetExecutingAssembly();
        foreach (var name in assembly.GetManifestResourceNames().Where(n => n.StartsWith(Inside, StringComparison.Ordinal) && IsData(n)))
            files._files.Add(name[Inside.Length..], () => assembly.GetManifestResourceStream(name)!);
        return files;
    }

    /// <summary>*.json of the folder and of its subfolder valuesets; schemas (*.schema.json) aside.</summary>
    public static PlanFiles Of(string folder, List<string> faults)
    {
        var files = new PlanFiles();
        try
        {
            foreach (var (path, prefix) in new[] { (folder, ""), (Path.Combine(folder, "valuesets"), ValueSetFolder) })
            {
                if (prefix.Length > 0 && !Directory.Exists(path)) continue;
                foreach (var file in Directory.EnumerateFiles(path, "*.json").Where(IsData)) files._files.Add(prefix + Path.GetFileName(file), () => File.OpenRead(file));
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add("there is no such folder, or this process may not read it");
        }

        return files;
    }

    /// <summary>Every value set by name; those of <paramref name="before"/> where there is none of ours.</summary>
    public Dictionary<string, CodeSet> ValueSets(IReadOnlyDictionary<string, CodeSet> before, List<string> faults)
    {
        var sets = new Dictionary<string, CodeSet>(before, StringComparer.Ordinal);
        foreach (var file in _files.Keys.Where(f => f.StartsWith(ValueSetFolder, StringComparison.Ordinal)))
        {
            var name = file[ValueSetFolder.Length..^".json".Length];
            Read(file, faults, json => sets[name] = ValueSetReader.Read(json, name));
        }

        return sets;
    }

    public List<RecordPlan> Plans(IReadOnlyDictionary<string, CodeSet> valueSets, List<string> faults)
    {
        var plans = new List<RecordPlan>();
        foreach (var file in _files.Keys.Where(f => !f.Contains('/')))
        {
            Read(file, faults, json =>
            {
                if (RecordPlanReader.Read(json, valueSets) is { } plan) plans.Add(plan);
            });
        }

        return plans;
    }

    private static bool IsData(string name) => name.EndsWith(".json", StringComparison.Ordinal) && !name.EndsWith(".schema.json", StringComparison.Ordinal);

    private void Read(string file, List<string> faults, Action<PlanJson> read)
    {
        try
        {
            using var stream = _files[file]();
            if (stream.Length > MaxBytes)
            {
                faults.Add($"{file} $: is larger than 1 MiB");
                return;
            }

            using var document = JsonDocument.Parse(stream, Strict);
            if (PlanJson.Open(file, document.RootElement, faults) is { } json) read(json);
        }
        catch (JsonException e)
        {
            // Only the parser knows the line; that a member is there twice is found once the text was read.
            faults.Add(e.LineNumber is { } line ? $"{file} $: is no JSON, or nests too deeply (line {line + 1})" : $"{file} $: has a member twice in one object");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            faults.Add($"{file} $: cannot be read by this process");
        }
    }
}
