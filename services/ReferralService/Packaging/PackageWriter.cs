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
internal sealed class PackageWriter : IDisposable
{
    private const int FlushBytes = 64 * 1024;

    private readonly PipeWriter _output;
    private readonly BundleWriter _bundle;
    private readonly PackageOrder _package;
    private readonly PackageContents _contents;
    private readonly CarriedBodies _bodies;
    private readonly OutwardReferences _references;
    private readonly AuthoredBuffer _authored = new();
    private byte[] _fullUrl = ArrayPool<byte>.Shared.Rent(512);

    public PackageWriter(PipeWriter output, PackageOrder package, PackageContents contents, CarriedBodies bodies)
    {
        (_output, _package, _contents, _bodies) = (output, package, contents, bodies);
        _bundle = new BundleWriter(output);
        _references = new OutwardReferences(contents);
    }

    public void Dispose()
    {
        _bundle.Dispose();
        _authored.Dispose();
        if (_fullUrl.Length > 0) ArrayPool<byte>.Shared.Return(_fullUrl);
        _fullUrl = [];
    }

    /// <param name="composition">Null in a collection, which only carries.</param>
    /// <param name="provenance">Of the package; null in a collection without notice.</param>
    /// <param name="security">The high-water mark.</param>
    /// <returns>How many entries there are.</returns>
    public async Task<int> WriteAsync(
        CompositionWriter? composition, ProvenanceWriter? provenance, IReadOnlyList<CodingView> security, CancellationToken cancellationToken)
    {
        var form = _package.Form;
        Begin(security);
        if (form == PackageForm.Document) await WriteCompositionAsync(composition, cancellationToken);
        await WriteEntriesAsync(cancellationToken);
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

    /// <summary>Writes the Bundle with what is carried and nothing of ours: what all forms have in common, and most of the bytes.</summary>
    public async Task WriteCarriedAsync(CancellationToken cancellationToken)
    {
        Begin([]);
        await WriteEntriesAsync(cancellationToken);
        _bundle.End();
        await _output.FlushAsync(cancellationToken);
    }

    private void Begin(IReadOnlyList<CodingView> security)
    {
        string id = _package.PackageId.ToString("D");
        _bundle.Begin(Type(_package.Form), id, AuthoredJson.UriSystem, $"urn:uuid:{id}", _package.BuiltAt, security);
    }

    private async ValueTask WriteEntriesAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < _contents.Count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (CarriedBodies.IsLarge(_contents.ResourceAt(i))) await WriteLargeAsync(_contents[i], cancellationToken);
            else WriteCarried(_contents[i]);
            if (_output.UnflushedBytes >= FlushBytes) await _output.FlushAsync(cancellationToken);
        }
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

    private void WriteCarried(PackageEntry entry)
    {
        var resource = entry.Resource;
        var body = _bodies.Read(resource).Span;
        Begin(entry);
        if (_package.Form == PackageForm.Transaction) ReferenceRewriter.Write(body, resource.References, _references.Of(entry), _output);
        else _output.Write(body);
        _bundle.EndEntry();
    }

    private async ValueTask WriteLargeAsync(PackageEntry entry, CancellationToken cancellationToken)
    {
        Begin(entry);
        await _bodies.WriteAsync(entry.Resource, _package.Form == PackageForm.Transaction ? _references.Of(entry) : null, _output, cancellationToken);
        _bundle.EndEntry();
    }

    private void Begin(PackageEntry entry)
    {
        var request = Post(entry.Resource.Key.Type);
        if (!entry.IsOfTheEhr)
        {
            _bundle.BeginEntry(entry.FullUrl, request);
            return;
        }

        if (_fullUrl.Length < entry.MostUrlBytes)
        {
            ArrayPool<byte>.Shared.Return(_fullUrl);
            _fullUrl = ArrayPool<byte>.Shared.Rent(entry.MostUrlBytes);
        }

        _bundle.BeginEntry(_fullUrl.AsSpan(0, entry.WriteFullUrl(_fullUrl)), request);
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
