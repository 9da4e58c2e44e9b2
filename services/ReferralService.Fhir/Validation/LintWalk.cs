using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using ReferralService.Fhir.Json;
using ReferralService.Fhir.Resources;
using ReferralService.Fhir.Validation.Definitions;

namespace ReferralService.Fhir.Validation;

/// <summary>One forward pass over a resource beside R4's definitions: each object walked knows its type, each name is looked up in that type.</summary>
/// <remarks>Recursive, since the tokenizer bounds how deep it goes. Paths are not kept: <see cref="FaultPaths"/> finds them when there is something to tell.</remarks>
internal ref partial struct LintWalk
{
    /// <summary>Deeper than <see cref="Json.JsonGuard.MaxDepth"/>: a Bundle's entries have that to themselves, and so has what they contain.</summary>
    public static readonly JsonReaderOptions ReaderOptions = new() { MaxDepth = 192 };

    private readonly R4Definitions _r4;
    private readonly ReadOnlySpan<byte> _json;
    private readonly IReadOnlyList<BodyCut> _cuts;
    private readonly LintMemory _memory;
    private readonly LintScope _scope;
    private readonly int _limit;
    private TokenReader _reader;

    /// <summary>What comes after the tokens is no JSON.</summary>
    private readonly bool _broken;

    /// <summary>Of the resource that holds contained ones: where its own begin in the memory's lists.</summary>
    private Holder _holder;

    private LintWalk(ReadOnlySpan<byte> json, JsonTokens tokens, bool broken, IReadOnlyList<BodyCut> cuts, LintScope scope, int limit, LintMemory memory)
    {
        (_r4, _cuts, _memory, _scope, _limit, _broken) = (R4Definitions.Shared, cuts, memory, scope, limit, broken);
        _json = json;
        _reader = tokens.Over(json);
    }

    private struct Holder
    {
        public int Type;
        public int FirstContained;
        public int FirstReference;
        public bool InContained;
    }

    [InlineArray(8)]
    private struct ChoicesSeen
    {
        private ushort _row;
    }

    /// <summary>What one object has shown so far.</summary>
    private struct Frame
    {
        public int Type;
        public TypeRole Role;
        public bool IsResource;

        /// <summary>What its parent demands of it: codes for a Coding or a concept, targets for a Reference.</summary>
        public short Codes;
        public short Targets;

        /// <summary>Elements with a value, elements with a <c>_name</c>, and of these the ones that hold nothing but an id.</summary>
        public ulong Values;
        public ulong Beside;
        public ulong BesideIdOnly;
        public ChoicesSeen Choices;
        public int FirstList;

        /// <summary>By role: a resource's id; a Coding's code and system; a Reference's reference and type.</summary>
        public Run First;
        public Run Second;
        public CodeFit Fit;
    }

    /// <param name="tokens">Of <paramref name="json"/>, which then is JSON; null: they are not known yet.</param>
    public static LintReport Run(ReadOnlySpan<byte> json, JsonTokens? tokens, IReadOnlyList<BodyCut> cuts, LintScope scope, int limit)
    {
        var memory = LintMemory.Rent();
        try
        {
            bool broken = tokens is null && !memory.Tokens.TryFill(json);
            tokens ??= memory.Tokens;
            var walk = new LintWalk(json, tokens, broken, cuts, scope, limit, memory);
            int type = walk.Whole();
            return memory.Errors + memory.Warnings == 0
                ? LintReport.Clean
                : new LintReport(FaultPaths.Resolve(json, memory.Faults, walk.NameOf(type)), memory.Errors, memory.Warnings);
        }
        finally
        {
            memory.Return();
        }
    }

    /// <returns>Of what type it is; -1 when that cannot be told.</returns>
    private int Whole()
    {
        int type = -1;
        try
        {
            if (!Read() || _reader.TokenType != JsonTokenType.StartObject)
            {
                Report(LintCode.NotJson, 0);
                return -1;
            }

            type = PeekType();
            Resource(contained: false);
            if (Read()) Report(LintCode.NotJson, _reader.TokenStartIndex);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // The reader says the latter of a name that is no text: half a surrogate.
            Report(LintCode.NotJson, _reader.BytesConsumed);
        }

        return type;
    }

    private readonly string NameOf(int type) => type < 0 ? "?" : Encoding.ASCII.GetString(_r4.NameOf(_r4.Types[type]));

    /// <summary>The type of the resource whose opening brace was just read, wherever it says so; -1 when it does not, or R4 knows none of that name.</summary>
    private readonly int PeekType()
    {
        var ahead = _reader;
        while (Read(ref ahead, _broken) && ahead.TokenType == JsonTokenType.PropertyName)
        {
            bool found = ahead.ValueTextEquals("resourceType"u8);
            Read(ref ahead, _broken);
            if (found) return ahead.TokenType == JsonTokenType.String ? _r4.FindResource(ahead.ValueSpan) : -1;
            Skip(ref ahead, _broken);
        }

        return -1;
    }

    /// <summary>Walks the resource whose opening brace was just read.</summary>
    private void Resource(bool contained)
    {
        int type = PeekType();
        if (type < 0)
        {
            Report(LintCode.UnknownResourceType, _reader.TokenStartIndex);
            Skip();
            return;
        }

        if (contained)
        {
            var nobody = default(Frame);
            WalkObject(type, codes: -1, targets: -1, ref nobody);
            return;
        }

        var outer = _holder;
        _holder = new Holder { Type = type, FirstContained = _memory.ContainedResources.Count, FirstReference = _memory.LocalReferences.Count };
        var none = default(Frame);
        WalkObject(type, codes: -1, targets: -1, ref none);
        ResolveContained();
        _holder = outer;
        if ((_scope & LintScope.Invariants) != 0 && _r4.NameOf(_r4.Types[type]).SequenceEqual("Bundle"u8))
            BundleInvariants.Check(_reader.Opening, _memory, _limit);
    }

    /// <summary>Walks the object whose opening brace was just read, up to its closing one.</summary>
    private ulong WalkObject(int type, short codes, short targets, ref Frame parent)
    {
        ref readonly var definition = ref _r4.Types[type];
        long start = _reader.TokenStartIndex;
        var frame = new Frame
        {
            Type = type, Role = definition.Role, IsResource = definition.IsResource, Codes = codes, Targets = targets, FirstList = _memory.Lists.Count,
        };
        bool any = false;
        while (Read() && _reader.TokenType == JsonTokenType.PropertyName)
        {
            any = true;
            Property(in definition, ref frame);
        }

        if (!any) Report(LintCode.Empty, start);
        else End(in definition, ref frame, ref parent, start);
        return frame.Values | frame.Beside;
    }

    private bool Read() => Read(ref _reader, _broken);

    private void Skip() => Skip(ref _reader, _broken);

    private static bool Read(ref TokenReader reader, bool broken) => reader.Read() || (broken ? throw new JsonException() : false);

    /// <summary>In one step, unless the end of what is passed over may be missing.</summary>
    private static void Skip(ref TokenReader reader, bool broken)
    {
        if (!broken)
        {
            reader.Skip();
            return;
        }

        if (reader.TokenType == JsonTokenType.PropertyName) Read(ref reader, broken);
        if (reader.TokenType is not (JsonTokenType.StartObject or JsonTokenType.StartArray)) return;
        int depth = reader.CurrentDepth;
        do
        {
            Read(ref reader, broken);
        }
        while (reader.CurrentDepth > depth);
    }

    private readonly void Report(string code, long at, LintSeverity severity = LintSeverity.Error, string? below = null, string? rule = null)
        => Report(_memory, _limit, new FoundFault(code, severity, at, below, rule));

    internal static void Report(LintMemory memory, int limit, FoundFault fault)
    {
        if (fault.Severity == LintSeverity.Error) memory.Errors++;
        else memory.Warnings++;
        if (memory.Faults.Count < limit) memory.Faults.Add(fault);
    }
}
