using System.Text;
using ReferralService.Fhir.Errors;
using ReferralService.Fhir.Resources;

namespace ReferralService.Fhir.Bundles;

public enum SearchEntryMode { Match, Include, Outcome }

/// <summary>One entry of a search page. All of it is only good during the call that hands it over.</summary>
/// <param name="FullUrlUtf8">Escapes undone; empty where there is none.</param>
public readonly record struct SearchEntry(ReadOnlyMemory<byte> FullUrlUtf8, SearchEntryMode Mode)
{
    private readonly RawResource? _resource;

    public SearchEntry(ReadOnlyMemory<byte> fullUrl, SearchEntryMode mode, RawResource resource) : this(fullUrl, mode) => (_resource, Type, Key) = (resource, resource.Type, resource.Key);

    public string? FullUrl => FullUrlUtf8.IsEmpty ? null : Encoding.UTF8.GetString(FullUrlUtf8.Span);

    /// <exception cref="FhirFormatException">It cannot be read safely: <see cref="Fault"/>. Whoever does not look at that first loses the page, not just the entry.</exception>
    public RawResource Resource => _resource ?? throw Fault!;

    /// <summary>Why this one resource cannot be read (a key twice, too deep, text that is none), though the page around it can; null when it can.</summary>
    public FhirFormatException? Fault { get; init; }

    /// <summary>Null where the resource cannot be read and does not say.</summary>
    public string? Type { get; init; }

    /// <summary>Null where it has no usable id.</summary>
    public ResourceKey? Key { get; init; }
}

/// <summary>What a page says beside its entries.</summary>
/// <param name="Total">Matches on all pages, when the server says.</param>
/// <param name="Entries">With a resource.</param>
public sealed record SearchPage(string? SelfLink, string? NextLink, long? Total, int Entries, long Bytes)
{
    /// <summary>Entries that hold no resource: something was found and not given.</summary>
    public int Hollow { get; init; }
}

/// <summary>Takes the entries of a page as they are read; may store them, may throw to stop.</summary>
public delegate ValueTask SearchEntrySink(SearchEntry entry, CancellationToken cancellationToken);
