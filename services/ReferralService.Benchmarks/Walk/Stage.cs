using System.Diagnostics;
using System.Security.Cryptography;

namespace ReferralService.Benchmarks.Walk;

/// <summary>Everything a walk needs, each in a process of its own: partners, service, comparators' client.</summary>
internal sealed class Stage : IAsyncDisposable
{
    /// <summary>Recipients beside the order's own, <c>r0</c> to <c>r9</c>.</summary>
    public const int Recipients = 10;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("walk-figures-");
    private readonly List<IAsyncDisposable> _owned = [];
    private readonly Stack<IDisposable> _processes = [];

    private Stage()
    {
    }

    /// <summary>How many referrals <see cref="LookAsync"/> sends.</summary>
    public const int Looked = 2;

    public Uri Partners { get; private set; } = null!;

    public IReadOnlyList<ServiceUnderLoad> Services { get; private set; } = [];

    public Arrivals Arrivals { get; private set; } = null!;

    public Load Load { get; private set; } = null!;

    /// <summary>What one referral of the first EHR asks for, the reads of its order apart.</summary>
    public IReadOnlyList<string> Asked { get; private set; } = [];

    /// <summary>What one referral of the first EHR sends.</summary>
    public byte[] Package { get; private set; } = [];

    /// <summary>Of the resources that one referral of the first EHR carries, as they were received: what the service adds is not counted.</summary>
    public long RecordBytes { get; private set; }

    public string Folder => _folder.FullName;

    /// <param name="sizes">Of the records, as <see cref="WorkerProcess"/> takes them: EHR <c>main</c> has the first, <c>ehr1</c>, <c>ehr2</c> … the others.</param>
    /// <param name="settings">Beside the usual ones; they win. A value that begins with a slash is a path at the partners.</param>
    /// <param name="prepare">Given the ledger's connection string before the service starts.</param>
    public static async Task<Stage> OpenAsync(Servers servers, Setup setup, IReadOnlyList<string> sizes, IReadOnlyDictionary<string, string>? settings = null, Func<string, Task>? prepare = null)
    {
        var stage = new Stage();
        try
        {
            await stage.StartAsync(servers, setup, sizes, settings, prepare);
            return stage;
        }
        catch
        {
            await stage.DisposeAsync();
            throw;
        }
    }

    /// <summary>The comparators, of what this stage's service was seen to ask and to send.</summary>
    public async Task<WorkerProcess> ClientAsync()
    {
        if (Package.Length == 0) await LookAsync();
        var (package, list) = (Path.Combine(Folder, "package.json"), Path.Combine(Folder, "asked"));
        await File.WriteAllBytesAsync(package, Package);
        await File.WriteAllLinesAsync(list, Asked);
        var client = WorkerProcess.Start("client", Partners.AbsoluteUri, list, package, Folder);
        _processes.Push(client);
        return client;
    }

    /// <summary>Two referrals alone: the first lets the service learn its partners, the second shows what one asks for.</summary>
    public async Task LookAsync()
    {
        var (first, _) = await Load.OneAsync();
        await Arrivals.ForgetAsync();
        await Load.OneAsync();
        Asked = await Arrivals.AskedAsync();
        Package = await Services[0].PackageAsync(first);
        RecordBytes = (await Services[0].ManifestAsync(first)).GetProperty("included").EnumerateArray().Sum(one => one.GetProperty("bytes").GetInt64());
    }

    /// <summary>Until everything has run so long, by turns.</summary>
    public static async Task WarmAsync(TimeSpan warm, params Func<Task>[] turns)
    {
        var began = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(began) < warm)
        {
            foreach (var turn in turns) await turn();
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var owned in _owned.AsEnumerable().Reverse()) await owned.DisposeAsync();
        Arrivals?.Dispose();
        while (_processes.TryPop(out var process)) process.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartAsync(Servers servers, Setup setup, IReadOnlyList<string> sizes, IReadOnlyDictionary<string, string>? more, Func<string, Task>? prepare)
    {
        var partners = WorkerProcess.Start(["partners", .. sizes]);
        _processes.Push(partners);
        Partners = new Uri(await partners.ReadLineAsync());
        var broker = setup.Bus == BusKind.RabbitMq ? await servers.VirtualHostAsync() : null;
        var settings = await SettingsAsync(servers, setup, broker, sizes.Count);
        foreach (var (key, value) in more ?? new Dictionary<string, string>()) settings[key] = value.StartsWith('/') ? new Uri(Partners, value).AbsoluteUri : value;
        if (prepare is not null) await prepare(settings["Ledger:ConnectionString"]);
        var services = new List<ServiceUnderLoad>();
        for (int i = 0; i < setup.Replicas; i++)
        {
            services.Add(await ServiceUnderLoad.StartAsync(Folder, settings));
            _owned.Add(services[^1]);
        }

        Services = services;
        IEndings endings = broker is not null ? await StatusEvents.BindAsync(broker) : new Timelines(services[0]);
        _owned.Add(endings);
        Arrivals = await Arrivals.ListenAsync(Partners);
        Load = new Load(services, Arrivals, endings);
    }

    private async Task<Dictionary<string, string>> SettingsAsync(Servers servers, Setup setup, Uri? broker, int ehrs)
    {
        var keys = Path.Combine(Folder, "vault.keys");
        await File.WriteAllTextAsync(keys, $"k1 {Convert.ToBase64String(RandomNumberGenerator.GetBytes(32))}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(keys, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        var settings = new Dictionary<string, string>
        {
            ["Ledger:Provider"] = $"{setup.Ledger}",
            ["Ledger:ConnectionString"] = setup.Ledger == LedgerKind.Sqlite ? $"Data Source={Path.Combine(Folder, "referrals.db")}" : await servers.DatabaseAsync(),
            ["Gathering:SpoolFolder"] = Path.Combine(Folder, "spool"),
            ["Vault:KeyFile"] = keys,
            ["Flow:PerEhr"] = "32",
            ["Flow:PerRecipient"] = "32",
            ["Bus:Transport"] = $"{setup.Bus}",
            ["Recipients:urology-east:BaseUrl"] = new Uri(Partners, "/consultant").AbsoluteUri,
        };
        if (broker is not null) settings["Bus:RabbitMq"] = broker.AbsoluteUri;
        // A reference to an Organization means something with one EHR only; the generated one has this number, too.
        settings["Recipients:urology-east:Matches:0"] = $"http://hl7.org/fhir/sid/us-npi|{ReferralService.Sandbox.SyntheticPatients.CasePerformer.UrologyEast.Npi}";
        for (int i = 0; i < Recipients; i++) settings[$"Recipients:r{i}:BaseUrl"] = new Uri(Partners, $"/consultant-{i}").AbsoluteUri;
        for (int i = 0; i < ehrs; i++)
        {
            var name = i == 0 ? "main" : $"ehr{i}";
            settings[$"Ehrs:{name}:BaseUrl"] = new Uri(Partners, Walk.Partners.PathOf(i)).AbsoluteUri;
            settings[$"Ehrs:{name}:PollInterval"] = "00:00:00";
        }

        return settings;
    }
}
