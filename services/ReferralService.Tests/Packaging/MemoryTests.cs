using System.Globalization;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Tests.Packaging;

[NonParallelizable]
internal sealed class MemoryTests
{
    [Test]
    public async Task Memory_does_not_grow_with_the_bytes_of_a_record([Values] PackageForm form)
    {
        long small = await AllocatedAsync(form, resources: 1_000, padding: 100), large = await AllocatedAsync(form, resources: 1_000, padding: 20_000);

        // Twenty megabytes more of bodies: what is allocated for them is no more than a buffer or two.
        Assert.That(large - small, Is.LessThan(2_000_000));
    }

    [Test]
    public async Task Twenty_thousand_resources_cost_a_short_line_each([Values] PackageForm form)
    {
        long allocated = await AllocatedAsync(form, resources: 20_000, padding: 100);

        Assert.That(allocated / 20_000, Is.LessThan(form == PackageForm.Collection ? 1_500 : 5_000));
    }

    private static async Task<long> AllocatedAsync(PackageForm form, int resources, int padding)
    {
        string pad = new('x', padding);
        string[] bodies = [.. Enumerable.Range(0, resources).Select(i => string.Create(
            CultureInfo.InvariantCulture,
            $$"""{"resourceType":"Observation","id":"o{{i}}","status":"final","code":{"text":"AFP"},"subject":{"reference":"Patient/p"},"effectiveDateTime":"2026-01-01","valueQuantity":{"value":{{i}},"unit":"ng/mL"},"note":[{"text":"{{pad}}"}]}"""))];
        await using var record = new RecordBuilder().With(bodies).Build();
        var builder = new PackageBuilder();

        // Everything completes synchronously on this stream, so this thread did all of it.
        long before = GC.GetAllocatedBytesForCurrentThread();
        var build = builder.BuildAsync(record, RecordBuilder.For(form), Stream.Null, CancellationToken.None);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.That(build.IsCompleted, Is.True);
        Assert.That(await build, Is.InstanceOf<PackagingOutcome.Packaged>());
        TestContext.Out.WriteLine($"{form}: {resources} resources, {allocated} bytes allocated");
        return allocated;
    }
}
