using ReferralService.Terminal;
using ReferralService.Tests.Doctor;

namespace ReferralService.Tests.Terminal;

/// <summary>What a verb says when its output takes no more: a reader that has seen enough is no fault, a full disk is.</summary>
internal sealed class UnwrittenOutputTests : DoctorScene
{
    private const int NoSpace = 28;
    private const int BrokenPipe = 32;

    [Test]
    public async Task A_full_disk_ends_a_verb_as_a_fault_and_says_so()
    {
        var typed = await Typed.RunAsync(["config", "explain"], output: new Stuck(NoSpace));

        Assert.That((typed.Code, typed.Errors), Is.EqualTo((ExitCodes.Failed, "What was to be said could not be written (I/O error 28): see the disk or the program that the output goes to.\n")));
    }

    [Test]
    public async Task A_reader_that_has_seen_enough_ends_a_verb_quietly()
    {
        var typed = await Typed.RunAsync(["config", "explain"], output: new Stuck(BrokenPipe));

        Assert.That((typed.Code, typed.Errors), Is.EqualTo((ExitCodes.Done, "")));
    }

    [TestCase(NoSpace)]
    [TestCase(BrokenPipe)]
    public async Task The_doctor_keeps_its_own_code(int error)
    {
        var refused = await Typed.RunAsync(["doctor", $"--Gathering:SpoolFolder={Folder}", $"--Ledger:ConnectionString=Data Source={LedgerFile}", "--Ledger:Provider=none"], output: new Stuck(error));

        Assert.That(refused.Code, Is.EqualTo(ExitCodes.Misused));
    }

    private sealed class Stuck(int error) : StringWriter
    {
        public override Task WriteLineAsync(string? value) => Task.FromException(new IOException("full", error));
    }
}
