using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Ledger.Transitions;
using ReferralService.Tests.Ops;
using ReferralService.Tests.Support;

namespace ReferralService.Tests.Terminal;

/// <summary>list, show and export against the real routes over real HTTP, by a clock that stands.</summary>
internal sealed class ReadingVerbTests
{
    [Test]
    public async Task The_list_is_aligned_and_plain_where_nobody_watches()
    {
        await using var host = await OpsHost.StartAsync();
        var first = await host.Ledger.ReceivedAsync("1", "urology-east");
        var held = await HoldAsync(host, "22");

        var typed = await Typed.RunAsync(host.Http, "list");

        Assert.That((typed.Code, typed.Errors), Is.EqualTo((0, "")));
        Assert.That(typed.Output, Is.EqualTo($"""
            ID                                    STATE     EHR   ORDER              RECIPIENT     TRIES  UPDATED               NEXT                  REASON
            {held}  held      main  ServiceRequest/22  -             0      2026-11-22 10:00:00Z  -                     recipient-unknown
            {first.Id}  received  main  ServiceRequest/1   urology-east  0      2026-11-22 10:00:00Z  2026-11-22 10:00:00Z  -

            """));
    }

    [Test]
    public async Task Colours_are_for_a_terminal_that_wants_them()
    {
        await using var host = await OpsHost.StartAsync();
        await HoldAsync(host, "1");
        var url = host.Http.BaseAddress!.ToString();

        var watched = await Typed.RunAsync(["list"], url: url, terminal: true);
        var uncoloured = await Typed.RunAsync(["list"], new Dictionary<string, string> { ["NO_COLOR"] = "1" }, url, terminal: true);
        var piped = await Typed.RunAsync(["list"], url: url);

        Assert.That(watched.Output, Does.Contain("\u001b[33mheld\u001b[0m"));
        Assert.That(uncoloured.Output, Is.EqualTo(piped.Output).And.Not.Contain("\u001b"));
    }

    [TestCase("list", "/api/referrals?limit=50")]
    [TestCase("list --limit 1 --state held", "/api/referrals?limit=1&state=held")]
    [TestCase("list --code recipient-unknown", "/api/referrals?limit=50&code=recipient-unknown")]
    [TestCase("list --q ServiceRequest/1", "/api/referrals?limit=50&q=ServiceRequest%2F1")]
    [TestCase("list --ehr main --updated-since 2026-11-22T00:00:00+00:00", "/api/referrals?limit=50&ehr=main&updatedSince=2026-11-22T00:00:00%2B00:00")]
    public async Task Json_is_the_APIs_own_answer(string words, string path)
    {
        await using var host = await OpsHost.StartAsync();
        await host.Ledger.ReceivedAsync("1");
        await HoldAsync(host, "2");

        var typed = await Typed.RunAsync(host.Http, [.. words.Split(' '), "--json"]);

        Assert.That(typed, Is.EqualTo(new Typed(0, await host.Http.GetStringAsync(new Uri(path, UriKind.Relative)) + "\n", "")));
    }

    [Test]
    public async Task One_is_shown_with_its_timeline()
    {
        await using var host = await OpsHost.StartAsync();
        var id = await HoldAsync(host, "1");

        var typed = await Typed.RunAsync(host.Http, "show", id);
        var json = await Typed.RunAsync(host.Http, "show", id, "--json");

        Assert.That(typed, Is.EqualTo(new Typed(0, $"""
            referral   {id}
            state      held
            ehr        main
            order      ServiceRequest/1
            recipient  -
            tries      0
            next       -
            reason     recipient-unknown: No recipient matches.
            timeline
            2026-11-22 10:00:00Z    1  received      received
            2026-11-22 10:00:00Z    2  held          held  recipient-unknown

            """, "")));
        Assert.That(json.Output, Is.EqualTo(await host.Http.GetStringAsync(new Uri($"/api/referrals/{id}", UriKind.Relative)) + "\n"));
    }

    [Test]
    public async Task An_export_has_a_line_for_each_over_all_pages()
    {
        await using var host = await OpsHost.StartAsync();
        for (var i = 0; i < 205; i++)
        {
            await host.Ledger.ReceivedAsync($"{i}");
        }

        var all = await Typed.RunAsync(host.Http, "export");
        var some = await Typed.RunAsync(host.Http, "export", "--limit", "203");

        var lines = all.Output.TrimEnd('\n').Split('\n');
        Assert.That(all.Code, Is.Zero);
        Assert.That(lines.Select(OrderOf), Is.EqualTo(Enumerable.Range(0, 205).Reverse().Select(i => $"ServiceRequest/{i}")));
        Assert.That(some.Output, Is.EqualTo(string.Join('\n', lines.Take(203)) + "\n"));
    }

    [TestCase(7, "not-found: There is no referral of this id.", "show", "01993c00-0000-7000-8000-000000000000")]
    [TestCase(2, "bad-request: state must be one of", "list", "--state", "lost")]
    [TestCase(2, "Cannot parse argument 'abc'", "show", "abc")]
    [TestCase(2, "--limit must be 1 to 200", "list", "--limit", "201")]
    [TestCase(2, "Unrecognized command or argument 'frobnicate'", "list", "frobnicate")]
    [TestCase(2, "Option '--ehr' is required", "submit", "ServiceRequest/1")]
    public async Task What_cannot_be_done_ends_with_its_code_and_one_line(int code, string begin, params string[] words)
    {
        await using var host = await OpsHost.StartAsync();

        var typed = await Typed.RunAsync(host.Http, words);

        Assert.That((typed.Code, typed.Output), Is.EqualTo((code, "")), typed.Errors);
        Assert.That(typed.Errors.TrimEnd('\n').Split('\n'), Has.Length.EqualTo(1).And.One.StartsWith(begin));
    }

    [Test]
    public async Task With_json_a_refusal_is_the_problem_itself()
    {
        await using var host = await OpsHost.StartAsync();

        var typed = await Typed.RunAsync(host.Http, "show", "01993c00-0000-7000-8000-000000000000", "--json");

        Assert.That((typed.Code, typed.Output), Is.EqualTo((7, "")));
        using var problem = JsonDocument.Parse(typed.Errors);
        Assert.That(problem.RootElement.GetProperty("code").GetString(), Is.EqualTo(ReasonCodes.NotFound));
    }

    [Test]
    public async Task What_a_word_holds_does_not_reach_the_terminal()
    {
        var typed = await Typed.RunAsync(["list", "\u001b[2J" + new string('x', 500)]);

        Assert.That(typed.Code, Is.EqualTo(2));
        Assert.That(typed.Errors, Does.Contain("?[2Jxxx").And.Not.Contain("\u001b"));
        Assert.That(typed.Errors, Has.Length.LessThan(250));
    }

    private static async Task<string> HoldAsync(OpsHost host, string order)
    {
        var begun = await host.Ledger.BegunAsync(await host.Ledger.ReceivedAsync(order));
        var held = await host.Ledger.StepAsync(begun, row => StepTransitions.Held(row, ReasonCodes.RecipientUnknown, "No recipient matches.", host.Clock.GetUtcNow()));
        return held.Id.ToString();
    }

    private static string? OrderOf(string line)
    {
        using var item = JsonDocument.Parse(line);
        return item.RootElement.GetProperty("serviceRequest").GetString();
    }
}
