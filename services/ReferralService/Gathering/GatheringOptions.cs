namespace ReferralService.Gathering;

/// <summary>Section <c>Gathering</c>.</summary>
internal sealed record GatheringOptions
{
    /// <summary>How far back results and reports are asked for. Default 730 days, 1 day to 200 years.</summary>
    public TimeSpan LookBack { get; init; } = TimeSpan.FromDays(730);

    /// <summary>Entries asked for per search page; the EHR may give fewer. Default 200, 1 to 1000.</summary>
    public int PageSize { get; init; } = 200;

    /// <summary>Requests of one gathering that may be under way at once. Default 4, 1 to 32.</summary>
    public int Parallelism { get; init; } = 4;

    /// <summary>Of all bodies of one record. More: <c>too-large</c>. Default 512 MiB, 1 MiB to 16 GiB.</summary>
    public long MaxRecordBytes { get; init; } = 536_870_912;

    /// <summary>Of one file that a document or report refers to, in its own bytes. Larger: not fetched, a gap <c>too-large</c>. Default 64 MiB, 0 (no file is fetched) to 1 GiB.</summary>
    public long MaxAttachmentBytes { get; init; } = 67_108_864;

    /// <summary>Resources of one record. More: <c>too-costly</c>. Default 100 000, 10 to 1 000 000.</summary>
    public int MaxResources { get; init; } = 100_000;

    /// <summary>Pages of one search, however many entries each has. More: <c>too-costly</c>. Default 2000, 1 to 100 000.</summary>
    public int MaxPages { get; init; } = 2000;

    /// <summary>An answer that comes more slowly than this on average, half a minute aside, is given up (and asked for again). Default 16 KiB, 0 (however slowly) to 16 MiB.</summary>
    public long MinBytesPerSecond { get; init; } = 16 << 10;

    /// <summary>How many references in a row are followed from what the order names or a search finds. Default 6, 1 to 20.</summary>
    public int MaxDepth { get; init; } = 6;

    /// <summary>From the first wish to gather until a referral whose record stays incomplete is held. Applied by Flow. Default 1 day, 1 minute to 30 days.</summary>
    public TimeSpan Deadline { get; init; } = TimeSpan.FromDays(1);

    /// <summary>Where bodies beyond a few MiB wait, in files nobody else can open. Default: a folder in the system's temporary one, named for the account, because two accounts cannot share a private folder.</summary>
    public string SpoolFolder { get; init; } = Path.Combine(Path.GetTempPath(), "referral-service-spool-" + string.Concat(Environment.UserName.Where(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_')));

    /// <summary>A folder of record plans (docs/plans.md): they are added to the shipped ones, or take their place. Default: none.</summary>
    public string? PlanFolder { get; init; }

    public static GatheringOptions Read(SettingsReader settings)
    {
        var part = settings.Part("Gathering");
        var defaults = new GatheringOptions();
        var options = new GatheringOptions
        {
            LookBack = part.Span("LookBack", defaults.LookBack, TimeSpan.FromDays(1), TimeSpan.FromDays(73_000)),
            PageSize = (int)part.Number("PageSize", defaults.PageSize, 1, 1000),
            Parallelism = (int)part.Number("Parallelism", defaults.Parallelism, 1, 32),
            MaxRecordBytes = part.Number("MaxRecordBytes", defaults.MaxRecordBytes, 1 << 20, 16L << 30),
            MaxAttachmentBytes = part.Number("MaxAttachmentBytes", defaults.MaxAttachmentBytes, 0, 1 << 30),
            MaxResources = (int)part.Number("MaxResources", defaults.MaxResources, 10, 1_000_000),
            MaxPages = (int)part.Number("MaxPages", defaults.MaxPages, 1, 100_000),
            MinBytesPerSecond = part.Number("MinBytesPerSecond", defaults.MinBytesPerSecond, 0, 16 << 20),
            MaxDepth = (int)part.Number("MaxDepth", defaults.MaxDepth, 1, 20),
            Deadline = part.Span("Deadline", defaults.Deadline, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30)),
            SpoolFolder = part.Text("SpoolFolder") ?? defaults.SpoolFolder,
            PlanFolder = part.Text("PlanFolder"),
        };

        if (!Path.IsPathFullyQualified(options.SpoolFolder)) options = options with { SpoolFolder = Path.GetFullPath(options.SpoolFolder) };
        return options;
    }
}
