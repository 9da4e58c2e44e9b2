using System.Text;
using ReferralService.Gathering;
using ReferralService.Gathering.Files;

namespace ReferralService.Packaging;

/// <summary>A resource of the record at its place in the package; the contents know the rest.</summary>
/// <param name="Position">Among the carried resources, from 0.</param>
internal readonly record struct PackageEntry(PackageContents Contents, int Position)
{
    public GatheredResource Resource => Contents.ResourceAt(Position);

    /// <summary>Where it stands at the EHR; of a linked file without query, for that may be a signature.</summary>
    public string Source => Contents.Record.SourceUrl(Resource);

    /// <summary>In a transaction the recipient gives new ids, so entries are named by urn; else by where they are (interfaces §6), a linked file by its URL as the carried resource has it.</summary>
    public string FullUrl => Urn ?? Resource.Address ?? Source;

    /// <summary>The same for us to show: without a signature.</summary>
    public string ShownUrl => Urn ?? Source;

    /// <summary>Of a linked file: the other URLs in the record that lead to it, without their queries; null when there are none.</summary>
    public IReadOnlyList<string>? AlsoAt => Resource is { Address: not null } resource ? AlsoTo(resource) : null;

    /// <summary>Whether <see cref="WriteFullUrl"/> and <see cref="WriteSource"/> may be asked; a linked file's address is what it is.</summary>
    public bool IsOfTheEhr => Resource.Address is null;

    private string? Urn => Contents.UrnAt(Position) is { } id ? $"urn:uuid:{id:D}" : null;

    /// <summary><see cref="FullUrl"/>, without a string of its own.</summary>
    /// <param name="room"><see cref="MostUrlBytes"/> at least.</param>
    public int WriteFullUrl(Span<byte> room)
    {
        if (Contents.UrnAt(Position) is not { } id) return WriteSource(room);
        "urn:uuid:"u8.CopyTo(room);
        id.TryFormat(room["urn:uuid:"u8.Length..], out int written, "D");
        return "urn:uuid:"u8.Length + written;
    }

    /// <summary><see cref="Source"/>, without a string of its own.</summary>
    public int WriteSource(Span<byte> room)
    {
        var key = Resource.Key;
        var ehr = Contents.Ehr.Utf8.Span;
        ehr.CopyTo(room);
        int length = ehr.Length;
        room[length++] = (byte)'/';
        length += Encoding.UTF8.GetBytes(key.Type, room[length..]);
        room[length++] = (byte)'/';
        return length + Encoding.UTF8.GetBytes(key.Id, room[length..]);
    }

    /// <summary>Longest that <see cref="WriteFullUrl"/> and <see cref="WriteSource"/> write.</summary>
    public int MostUrlBytes => Contents.Ehr.Utf8.Length + (3 * (Resource.Key.Type.Length + Resource.Key.Id.Length)) + 64;

    private string[]? AlsoTo(GatheredResource file)
        => Contents.Record.Links.Where(l => l.Value == file.Key && l.Key != file.Address && Uri.IsWellFormedUriString(l.Key, UriKind.Absolute)).Select(l => FileLink.Show(l.Key))
            .Order(StringComparer.Ordinal).ToArray() is { Length: > 0 } also ? also : null;
}
