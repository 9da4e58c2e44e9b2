using System.Collections.Concurrent;
using ReferralService.Fhir.Json;

namespace ReferralService.Fhir.Validation;

/// <summary>A run of the resource's bytes: a JSON string's inside.</summary>
internal readonly record struct Run(int At, int Length, bool Escaped)
{
    public bool IsMissing => At == 0;
}

/// <summary>What one check remembers. Rented, so that the arrays outlive the resource.</summary>
internal sealed class LintMemory
{
    private const int KeepAtMost = 1 << 20;
    private const int MostTokensKept = 1 << 16;
    private static readonly ConcurrentQueue<LintMemory> Idle = new();

    /// <summary>A resource held in another.</summary>
    public record struct Contained(Run Id, int Type, long At, bool Used);

    /// <summary>A reference to a contained resource: whether it is there is known at the end.</summary>
    public readonly record struct LocalReference(Run Target, int Targets, long At, bool IsReference, bool FromContained);

    /// <summary>A list of primitives, or of what stands beside one.</summary>
    public readonly record struct PrimitiveList(int Element, bool Beside, int Count, ulong Nulls, long At);

    public List<FoundFault> Faults { get; } = [];

    public List<Contained> ContainedResources { get; } = [];

    public List<LocalReference> LocalReferences { get; } = [];

    public List<PrimitiveList> Lists { get; } = [];

    /// <summary>Of the resource that is checked, where whoever asks has none.</summary>
    public JsonTokens Tokens { get; } = new();

    public byte[] Scratch { get; private set; } = new byte[1024];

    public int Errors { get; set; }

    public int Warnings { get; set; }

    public static LintMemory Rent() => Idle.TryDequeue(out var memory) ? memory : new LintMemory();

    public void Return()
    {
        Faults.Clear();
        ContainedResources.Clear();
        LocalReferences.Clear();
        Lists.Clear();
        Errors = Warnings = 0;
        if (Tokens.Count > MostTokensKept) Tokens.Dispose();
        if (Scratch.Length <= KeepAtMost && Idle.Count < 4 * Environment.ProcessorCount) Idle.Enqueue(this);
    }

    public Span<byte> Room(int length)
    {
        if (Scratch.Length < length) Scratch = new byte[Math.Max(length, Scratch.Length * 2)];
        return Scratch;
    }
}

/// <summary>A finding before its path is known: the path is worked out only when there is one to tell.</summary>
/// <param name="At">Where the token begins that it is about.</param>
/// <param name="Below">An element of that object, which is missing.</param>
internal readonly record struct FoundFault(string Code, LintSeverity Severity, long At, string? Below, string? Rule);
