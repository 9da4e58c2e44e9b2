using System.Text;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.SyntheticPatients;

namespace ReferralService.AcceptanceTests.Flow;

/// <summary>An EHR with young men who ask for second opinions, and a consultant, both over real HTTP.</summary>
internal sealed class Scene : IAsyncDisposable
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    private Scene(SandboxEhr ehr, SandboxConsultant consultant) => (Ehr, Consultant) = (ehr, consultant);

    public SandboxEhr Ehr { get; }

    public SandboxConsultant Consultant { get; }

    public static async Task<Scene> StartAsync(SandboxConsultantOptions? consultant = null)
        => new(await SandboxEhr.StartAsync(), await SandboxConsultant.StartAsync(consultant));

    public Dictionary<string, string> Settings(params (string Key, string Value)[] more)
    {
        var settings = new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = Ehr.Base,
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Recipients:east:BaseUrl"] = Consultant.Base,
            ["Recipients:east:Matches:0"] = "Organization/uro-east",
            ["Recipients:east:Form"] = "Document",
        };
        foreach (var (key, value) in more)
        {
            settings[key] = value;
        }

        return settings;
    }

    /// <summary>Loads a young man's record and writes his order; its key.</summary>
    public string WriteOrder(int seed, Func<string, string>? change = null)
    {
        var story = SecondOpinionCase.Create(seed, Day, CasePerformer.UrologyEast);
        foreach (var resource in story.Record)
        {
            var text = Encoding.UTF8.GetString(resource.Utf8.Span);
            Ehr.Load(change is null ? text : change(text));
        }

        var order = Encoding.UTF8.GetString(story.Order.Utf8.Span);
        return Ehr.Write(change is null ? order : change(order));
    }

    public async ValueTask DisposeAsync()
    {
        await Ehr.DisposeAsync();
        await Consultant.DisposeAsync();
    }
}
