using System.Text;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.Faults;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Flow;

/// <summary>An EHR <c>main</c> that works, recipients and other EHRs of which some never answer, and the settings of a service between them.</summary>
internal sealed class PartnersThatHang : IAsyncDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private static readonly TimeSpan Ceiling = TimeSpan.FromSeconds(60);

    /// <summary>Longer than any test.</summary>
    public static readonly TimeSpan Hanging = TimeSpan.FromMinutes(10);

    private readonly List<IAsyncDisposable> _partners = [];

    private PartnersThatHang(SandboxEhr ehr) => Ehr = ehr;

    public SandboxEhr Ehr { get; }

    /// <summary>Told no orders by polling; an attempt lasts longer than the test.</summary>
    public Dictionary<string, string> Settings { get; } = new() { ["Delivery:AttemptTimeout"] = "00:05:00" };

    public static async Task<PartnersThatHang> StartAsync()
    {
        var scene = new PartnersThatHang(await SandboxEhr.StartAsync());
        scene.Add("main", scene.Ehr);
        return scene;
    }

    /// <summary>Another one, which works.</summary>
    public async Task<SandboxEhr> EhrAsync(string name)
    {
        var ehr = await SandboxEhr.StartAsync();
        Add(name, ehr);
        return ehr;
    }

    /// <summary>One that answers no GET of these paths.</summary>
    public async Task HangingEhrAsync(string name, string path = "")
        => (await EhrAsync(name)).Faults.Add(new Fault { Method = "GET", Path = path, Delay = Hanging, Times = null });

    /// <param name="hangs">It takes packages and answers none.</param>
    public async Task<SandboxConsultant> RecipientAsync(string name, bool hangs = false)
    {
        var recipient = await SandboxConsultant.StartAsync();
        _partners.Add(recipient);
        if (hangs)
        {
            recipient.Faults.Add(new Fault { Method = "PUT,POST", Delay = Hanging, Times = null });
        }

        Settings[$"Recipients:{name}:BaseUrl"] = recipient.Base;
        return recipient;
    }

    /// <summary>A new patient and an order for him at <see cref="Ehr"/>.</summary>
    public string WriteOrder(int seed) => WriteOrder(Ehr, seed);

    public static string WriteOrder(SandboxEhr ehr, int seed)
    {
        var story = SecondOpinionCase.Create(seed, Day, CasePerformer.UrologyEast);
        ehr.Load(story.Record);
        return ehr.Write(Encoding.UTF8.GetString(story.Order.Utf8.Span));
    }

    public Task<RunningService> ServiceAsync(params (string Key, string Value)[] more)
    {
        foreach (var (key, value) in more)
        {
            Settings[key] = value;
        }

        return RunningService.StartAsync(Settings);
    }

    public static async Task UntilAsync(Func<bool> holds)
    {
        using var ceiling = new CancellationTokenSource(Ceiling);
        while (!holds())
        {
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, ceiling.Token);
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var partner in _partners)
        {
            await partner.DisposeAsync();
        }
    }

    private void Add(string name, SandboxEhr ehr)
    {
        _partners.Add(ehr);
        Settings[$"Ehrs:{name}:BaseUrl"] = ehr.Base;
        Settings[$"Ehrs:{name}:PollInterval"] = "00:00:00";
    }
}
