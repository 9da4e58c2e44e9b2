using System.Text;
using ReferralService.Fhir.Resources;
using ReferralService.Gathering;
using ReferralService.Ledger;
using ReferralService.Packaging;

namespace ReferralService.Tests.Packaging;

internal sealed class CarriedBodiesTests
{
    [Test]
    public async Task Bodies_travel_byte_for_byte([Values(PackageForm.Document, PackageForm.Collection)] PackageForm form, [Range(0, 7)] int odd)
    {
        string body = OddBodies.All[odd];
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), form);

        var key = RawResource.Read(Encoding.UTF8.GetBytes(body)).Key!.Value;
        Assert.That(package.Raw(key.Type, key.Id), Is.EqualTo(body));
    }

    [Test]
    public async Task In_documents_and_collections_the_fullUrl_is_where_the_resource_stands_at_the_EHR([Values(PackageForm.Document, PackageForm.Collection)] PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), form);

        Assert.That(package.FullUrl("Observation", "decimals"), Is.EqualTo($"{RecordBuilder.Ehr}/Observation/decimals"));
    }

    [Test]
    public async Task A_collection_holds_the_record_and_nothing_else()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), PackageForm.Collection);

        Assert.That(package.Entries, Has.Count.EqualTo(OddBodies.All.Length + 2));
        Assert.That(package.Entries, Has.Count.EqualTo(package.Counted));
        Assert.That(package.Entries.Any(e => e.TryGetProperty("request", out _)), Is.False);
    }

    [Test]
    public async Task Every_form_carries_the_package_id_and_the_instant([Values] PackageForm form)
    {
        var bundle = (await BuiltPackage.Of(new RecordBuilder(), form)).Bundle;
        string id = RecordBuilder.For(form).PackageId.ToString("D");

        Assert.Multiple(() =>
        {
            Assert.That(bundle.GetProperty("type").GetString(), Is.EqualTo(form.ToString().ToLowerInvariant()));
            Assert.That(bundle.GetProperty("id").GetString(), Is.EqualTo(id));
            Assert.That(bundle.GetProperty("identifier").GetRawText(), Is.EqualTo($$"""{"system":"urn:ietf:rfc:3986","value":"urn:uuid:{{id}}"}"""));
            Assert.That(bundle.GetProperty("timestamp").GetString(), Is.EqualTo("2026-05-04T10:00:00.123Z"));
        });
    }

    [Test]
    public async Task The_same_record_gives_the_same_bytes_in_whatever_order_it_was_gathered([Values] PackageForm form)
    {
        var record = () => new RecordBuilder().With(OddBodies.All).Gap("Observation/lost", "not-found").Gap("Binary/big", "too-large");
        var (first, _) = await record().BuildAsync(form);
        var (again, _) = await record().BuildAsync(form);
        var (reversed, _) = await record().Reversed().BuildAsync(form);

        Assert.That(again, Is.EqualTo(first));
        Assert.That(reversed, Is.EqualTo(first));
    }

    [Test]
    public async Task A_new_version_is_a_new_package([Values] PackageForm form)
    {
        var first = await BuiltPackage.Of(new RecordBuilder(), form);
        var second = await BuiltPackage.Of(new RecordBuilder(), form, version: 2);

        Assert.That(second.Bundle.GetProperty("id").GetString(), Is.Not.EqualTo(first.Bundle.GetProperty("id").GetString()));
    }

    [Test]
    public async Task FullUrls_are_unique_and_unversioned([Values] PackageForm form)
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), form);
        string[] fullUrls = [.. package.Entries.Select(e => e.GetProperty("fullUrl").GetString()!)];

        Assert.That(fullUrls, Is.Unique);
        Assert.That(fullUrls.Where(u => u.Contains("/_history/")), Is.Empty);
    }

    [Test]
    public async Task The_order_comes_first_and_its_patient_second()
    {
        var package = await BuiltPackage.Of(new RecordBuilder().With(OddBodies.All), PackageForm.Collection);

        string[] types = [.. package.Entries.Take(2).Select(e => BuiltPackage.Resource(e).GetProperty("resourceType").GetString()!)];
        Assert.That(types, Is.EqualTo(new[] { "ServiceRequest", "Patient" }));
    }

    [TestCase(1, -1, 0, TestName = "A body that has lost its first byte stops the package")]
    [TestCase(0, -1, 0, TestName = "A body that has lost its last byte stops the package")]
    [TestCase(0, 0, 1, TestName = "A reference that is not where it was found stops the package")]
    public async Task What_is_no_longer_what_was_gathered_is_not_packaged(int offset, int length, int reference)
    {
        await using var good = new RecordBuilder().Build();
        var spool = new Spool();
        byte[] buffer = [];
        foreach (var resource in good.Resources) spool.Append(good.Body(resource, ref buffer).Span);
        var moved = good.Resources.Select(r => r with
        {
            SpoolOffset = r.SpoolOffset + offset,
            Length = r.Length + length,
            References = [.. r.References.Select(f => f with { Offset = f.Offset + reference })],
        });

        await using var record = new GatheredRecord(good.Order, good.EhrBase, good.Patient, [.. moved], [], [], spool);
        Assert.That(
            async () => await new PackageBuilder().BuildAsync(record, RecordBuilder.For(PackageForm.Collection), Stream.Null, default),
            Throws.InstanceOf<InvalidDataException>());
    }

    [Test]
    public async Task The_package_leaves_while_it_is_being_written()
    {
        string pad = new('x', 10_000);
        string[] bodies = [.. Enumerable.Range(0, 100).Select(i => $$"""{"resourceType":"Basic","id":"b{{i}}","code":{"text":"{{pad}}"} }""")];
        await using var record = new RecordBuilder().With(bodies).Build();
        using var output = new FlushCounter();
        await new PackageBuilder().BuildAsync(record, RecordBuilder.For(PackageForm.Collection), output, default);

        // A megabyte in steps of 64 KiB.
        Assert.That(output.Flushes, Is.GreaterThan(10));
    }

    private sealed class FlushCounter : MemoryStream
    {
        public int Flushes { get; private set; }

        public override Task FlushAsync(CancellationToken cancellationToken)
        {
            Flushes++;
            return Task.CompletedTask;
        }
    }
}
