using System.Buffers;
using System.IO.Pipelines;
using ReferralService.Fhir.Bundles;
using ReferralService.Fhir.References;
using ReferralService.Fhir.Resources;
using ReferralService.Ledger;
using ReferralService.Packaging.Authored;
using ReferralService.Packaging.Conformance;

namespace ReferralService.Packaging;

/// <summary>Writes the Bundle once, entry by entry: carried bodies as slices, our own resources around them. Nothing larger than 64 KiB of a body waits in memory.</summary>
internal sealed class PackageWriter
{
    private const int FlushBytes = 64 * 1024;

    private readonly PipeWriter _output;
    private readonly BundleWriter _bundle;
    private readonly PackageOrder _package;
    private readonly PackageContents _contents;
    private readonly CarriedBodies _bodies;
    private readonly OutwardReferences _references;
    private readonly AuthoredBuffer _authored = new();
    private readonly Func<FoundReference, string?> _rewrite;

    public PackageWriter(PipeWriter output, PackageOrder package, PackageContents contents, CarriedBodies bodies)
    {
        (_output, _package, _contents, _bodies) = (output, package, contents, bodies);
        _bundle = new BundleWriter(output);
        _references = new OutwardReferences(contents);
        _rewrite = _references.Replacement;
    }

    /// <param name="composition">Null in a collection, which only carries.</param>
    /// <param name="provenance">Of the package; null in a collection without notice.</param>
    /// <param name="security">The high-water mark.</param>
    /// <returns>How many entries there are.</returns>
    public async Task<int> WriteAsync(
        CompositionWriter? composition, ProvenanceWriter? provenance, IReadOnlyList<CodingView> security, CancellationToken cancellationToken)
    {
        var form = _package.Form;
        string id = _package.PackageId.ToString("D");
        _bundle.Begin(Type(form), id, AuthoredJson.UriSystem, $"urn:uuid:{id}", _package.BuiltAt, security);
        if (form == PackageForm.Document) await WriteCompositionAsync(composition, cancellationToken);

        foreach (var entry in _contents.Entries)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (CarriedBodies.IsLarge(entry.Resource)) await WriteLargeAsync(entry, cancellationToken);
            else if (form == PackageForm.Transaction) WriteRewritten(entry);
            else _bundle.Entry(entry.FullUrl, _bodies.Read(entry.Resource).Span);
            if (_output.UnflushedBytes >= FlushBytes) await _output.FlushAsync(cancellationToken);
        }

        if (composition is not null && _contents.Requester is null)
        {
            var device = new DeviceWriter(_package);
            await WriteAuthoredAsync(device.FullUrl, device.Write, "Device", cancellationToken);
        }

        if (form == PackageForm.Transaction)
        {
            // Last, so that a server which takes entries one by one shows the Task only when the rest is there.
            await WriteCompositionAsync(composition, cancellationToken);
            ArgumentNullException.ThrowIfNull(provenance);
            await WriteAuthoredAsync(provenance.FullUrl, provenance.Write, "Provenance", cancellationToken);
            var task = new TaskWriter(_package, _contents);
            await WriteAuthoredAsync(task.FullUrl, task.Write, "Task", cancellationToken);
        }
        else if (provenance is not null)
        {
            await WriteAuthoredAsync(provenance.FullUrl, provenance.Write, "Provenance", cancellationToken);
        }

        _bundle.End();
        await _output.FlushAsync(cancellationToken);
        return _bundle.Entries;
    }

    private ValueTask WriteCompositionAsync(CompositionWriter? composition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(composition);
        return WriteAuthoredAsync(composition.FullUrl, composition.Write, "Composition", cancellationToken);
    }

    /// <summary>What we write is looked at before it goes out; it goes out in pieces, since with many entries it is large.</summary>
    /// <exception cref="AuthoredFaultException">It is not as R4 says.</exception>
    private async ValueTask WriteAuthoredAsync(string fullUrl, Action<IBufferWriter<byte>> write, string type, CancellationToken cancellationToken)
    {
        var resource = _authored.Write(write);
        _bundle.BeginEntry(fullUrl, Post(type));
        for (int at = 0; at < resource.Length; at += FlushBytes)
        {
            _output.Write(resource.Span[at..Math.Min(at + FlushBytes, resource.Length)]);
            if (_output.UnflushedBytes >= FlushBytes) await _output.FlushAsync(cancellationToken);
        }

        _bundle.EndEntry();
    }

    private void WriteRewritten(PackageEntry entry)
    {
        var body = _bodies.Read(entry.Resource);
        _bundle.Entry(
            entry.FullUrl,
            output => ReferenceRewriter.Write(body.Span, entry.Resource.References, Rewriting(entry), output),
            Post(entry.Resource.Key.Type));
    }

    private async ValueTask WriteLargeAsync(PackageEntry entry, CancellationToken cancellationToken)
    {
        _bundle.BeginEntry(entry.FullUrl, Post(entry.Resource.Key.Type));
        await _bodies.WriteAsync(entry.Resource, _package.Form == PackageForm.Transaction ? Rewriting(entry) : null, _output, cancellationToken);
        _bundle.EndEntry();
    }

    private Func<FoundReference, string?> Rewriting(PackageEntry entry)
    {
        // A Bundle within the record resolves its references by its own entries, and may be signed: its inside is left as it is.
        if (entry.Resource.Key.Type != "Bundle") return _rewrite;
        return r => r.Path.StartsWith("entry.", StringComparison.Ordinal) ? null : _references.Replacement(r);
    }

    /// <summary>A transaction asks to create, without conditions: a resend is recognized by the Task's identifier. Other forms ask for nothing (bdl-3).</summary>
    private EntryRequest? Post(string type) => _package.Form == PackageForm.Transaction ? new EntryRequest("POST", type) : null;

    private static string Type(PackageForm form) => form switch
    {
        PackageForm.Document => "document",
        PackageForm.Transaction => "transaction",
        PackageForm.Collection => "collection",
        _ => throw new ArgumentOutOfRangeException(nameof(form)),
    };
}
