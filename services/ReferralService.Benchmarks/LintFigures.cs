using System.Text.Encodings.Web;
using System.Text.Json;
using ReferralService.Fhir.Validation;

namespace ReferralService.Benchmarks;

/// <summary>What it costs to look at the structure of everything that is carried, against reading the same bytes once.</summary>
internal static class LintFigures
{
    public static async Task PrintAsync(int resources, int rounds)
    {
        var bodies = new SampleRecord(resources).Bodies;
        // The same with the white space that many servers send.
        byte[][] spaced = [.. bodies.Select(b => JsonSerializer.SerializeToUtf8Bytes(JsonDocument.Parse(b).RootElement, Indented))];
        long bytes = bodies.Sum(b => (long)b.Length), spacedBytes = spaced.Sum(b => (long)b.Length);
        var measured = await Measured.RunAsync(rounds,
        [
            ("tokenize (Utf8JsonReader)", () => Each(bodies, Tokenize)),
            ("lint", () => Each(bodies, b => ResourceLint.Check(b))),
            ("lint and invariants", () => Each(bodies, b => AuthoredCheck.Check(b))),
            ("tokenize, indented", () => Each(spaced, Tokenize)),
            ("lint, indented", () => Each(spaced, b => ResourceLint.Check(b))),
        ]);

        Console.WriteLine($"structural check of {bodies.Count} resources, {bytes / 1e6:0.00} MB ({spacedBytes / 1e6:0.00} MB indented), medians of {rounds}, processor time");
        Console.WriteLine($"  {"",-50} {"/ tokenize",10} {"alloc/byte",10} {"ms",9} {"MB/s",7}");
        for (int i = 0; i < measured.Count; i++)
        {
            var (way, floor, size) = (measured[i], measured[i < 3 ? 0 : 3], i < 3 ? bytes : spacedBytes);
            Console.WriteLine($"  {way.Name,-50} {way.Milliseconds / floor.Milliseconds,10:0.00} {(double)way.Allocated / size,10:0.0000} {way.Milliseconds,9:0.000} {size / 1e3 / way.Milliseconds,7:0}");
        }

        var odd = bodies.Select(b => ResourceLint.Check(b)).Where(r => r.Findings.Count > 0).ToList();
        if (odd.Count > 0) Console.WriteLine($"  {odd.Count} of them have findings (and cost memory), the first: {odd[0].Findings[0]}");
    }

    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static Task Each(IReadOnlyList<byte[]> bodies, Action<byte[]> work)
    {
        foreach (byte[] body in bodies) work(body);
        return Task.CompletedTask;
    }

    private static void Tokenize(byte[] body)
    {
        var reader = new Utf8JsonReader(body);
        while (reader.Read())
        {
        }
    }
}
