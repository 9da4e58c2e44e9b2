using System.Globalization;
using ReferralService.AcceptanceTests.Support;
using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Ehr;
using ReferralService.Sandbox.SyntheticPatients;
using ReferralService.Tests.Support;

namespace ReferralService.AcceptanceTests.Faults.Ehr;

/// <summary>A record that would not fit into memory, through a real process.</summary>
public sealed class HugeRecordTests
{
    private static readonly DateTimeOffset Day = new(2026, 11, 22, 0, 0, 0, TimeSpan.Zero);

    [Test]
    [Fault("E15")]
    public async Task Fifty_thousand_results_and_300_MB_of_files_go_through_a_process_of_less_than_350_MB()
    {
        await using var ehr = await SandboxEhr.StartAsync();
        await using var consultant = await SandboxConsultant.StartAsync(new SandboxConsultantOptions { MaxBodyBytes = 1L << 30 });
        foreach (var resource in new RecordGenerator(15, Day).Record(1, new RecordSize(Resources: 55_600, Attachments: 16, AttachmentBytes: 300_000_000 / 16))) ehr.Load([resource]);
        await using var service = await ServiceReplica.StartNewAsync(new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = ehr.Base,
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Recipients:east:BaseUrl"] = consultant.Base,
            ["Recipients:east:Form"] = "Document",
            ["Gathering:MaxRecordBytes"] = "1073741824",
        });

        var shown = await service.UntilStateAsync(await service.SubmitAsync("ServiceRequest/order-1", "east"), "delivered");

        Assert.That(shown.GetProperty("package").GetProperty("bytes").GetInt64(), Is.GreaterThan(450_000_000));
        Assert.That(shown.GetProperty("package").GetProperty("entries").GetInt32(), Is.GreaterThan(55_600));
        Assert.That(PeakMegabytes(service.ProcessId), Is.LessThan(350));
    }

    [Test]
    [Fault("E15")]
    public async Task A_record_beyond_its_limit_is_held_and_the_process_stays_small()
    {
        await using var ehr = await SandboxEhr.StartAsync();
        await using var consultant = await SandboxConsultant.StartAsync();
        ehr.Load(new RecordGenerator(16, Day).Record(1, new RecordSize(Resources: 100, Attachments: 4, AttachmentBytes: 10_000_000)));
        await using var service = await ServiceReplica.StartNewAsync(new Dictionary<string, string>
        {
            ["Ehrs:main:BaseUrl"] = ehr.Base,
            ["Ehrs:main:PollInterval"] = "00:00:00",
            ["Recipients:east:BaseUrl"] = consultant.Base,
            ["Recipients:east:Form"] = "Document",
            ["Gathering:MaxRecordBytes"] = "1048576",
            ["Gathering:MaxResources"] = "50",
        });

        var shown = await service.UntilStateAsync(await service.SubmitAsync("ServiceRequest/order-1", "east"), "held");

        Assert.That(shown.GetProperty("error").GetProperty("code").GetString(), Is.AnyOf("too-large", "too-costly"));
        Assert.That(PeakMegabytes(service.ProcessId), Is.LessThan(250));
    }

    /// <summary>The most it ever had in memory.</summary>
    private static long PeakMegabytes(int process)
    {
        var line = File.ReadLines($"/proc/{process}/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[^2].Split('\t')[^1], CultureInfo.InvariantCulture) / 1024;
    }
}
