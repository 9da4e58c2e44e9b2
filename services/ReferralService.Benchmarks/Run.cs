using System.Diagnostics;
using ReferralService.Benchmarks.Micro;
using ReferralService.Benchmarks.Parts;
using ReferralService.Benchmarks.Queueing;
using ReferralService.Benchmarks.Report;
using ReferralService.Benchmarks.Walk;

namespace ReferralService.Benchmarks;

/// <summary>One run: each figure that was asked for, then everything in one text, the goals first.</summary>
internal sealed class Run(Choices choices)
{
    private readonly Findings _findings = new(Machine.Describe());

    /// <returns>The exit code: 0 however slow everything was, 1 when something is broken.</returns>
    public async Task<int> AllAsync()
    {
        await using var servers = new Servers();
        await using (var warm = new WarmStage(choices, servers))
        {
            foreach (var figure in Choices.Figures.TakeWhile(figure => figure != "backlog").Where(Wanted)) await FindAsync(figure, warm, servers);
        }

        foreach (var figure in Choices.Figures.SkipWhile(figure => figure != "backlog").Where(Wanted)) await FindAsync(figure, null!, servers);
        if (choices is { Quick: true, Names.Count: 0 }) _findings.LeftOut(Choices.LongOnly);
        var text = _findings.Text(choices.Names);
        Console.Write(text);
        if (choices.WriteTo is { } file) await File.WriteAllTextAsync(file, MarkedPart.Replace(await File.ReadAllTextAsync(file), text));
        return _findings.IsBroken ? 1 : 0;
    }

    private bool Wanted(string figure) => choices.Names.Count > 0 ? choices.Names.Contains(figure) : figure != Choices.Reckoned && !(choices.Quick && Choices.LongOnly.Contains(figure));

    /// <summary>One that breaks does not keep the others from being found.</summary>
    private async Task FindAsync(string figure, WarmStage warm, Servers servers)
    {
        var began = Stopwatch.GetTimestamp();
        await Console.Error.WriteAsync($"{figure} … ");
        try
        {
            await (figure switch
            {
                "micro" => Task.Run(() => MicroFigures.Find(choices, _findings)),
                "walk" => WalkFigures.FindAsync(choices, servers, warm, _findings),
                "latency" => LatencyFigures.FindAsync(choices, warm, _findings),
                "size" => SizeFigures.FindAsync(choices, warm, servers, _findings),
                "fidelity" => FidelityFigures.FindAsync(warm, _findings),
                "intake" => IntakeFigures.FindAsync(choices, warm, _findings),
                "isolation" => IsolationFigures.FindAsync(choices, warm, _findings),
                "backlog" => BacklogFigures.FindAsync(choices, servers, _findings),
                "store" => StoreFigures.FindAsync(choices, servers, _findings),
                "relay" => RelayFigures.FindAsync(choices, servers, _findings),
                Choices.Reckoned => Task.Run(() => QueueingFigures.Find(_findings)),
                "rooms" => RoomFigures.FindAsync(choices, _findings),
                "relevance" => RelevanceFigures.FindAsync(choices, _findings),
                "vault" => VaultFigures.FindAsync(choices, _findings),
                _ => OpsFigures.FindAsync(choices, servers, _findings),
            });
        }
        catch (Exception broken)
        {
            _findings.Broken(figure, broken is BrokenRunException ? broken.Message : $"{broken.GetType().Name}: {broken.Message}");
            await Console.Error.WriteAsync("broken, ");
        }

        await Console.Error.WriteLineAsync($"{Stopwatch.GetElapsedTime(began).TotalSeconds:0} s");
    }
}
