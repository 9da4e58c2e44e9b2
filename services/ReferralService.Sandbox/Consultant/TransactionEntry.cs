using System.Text.Json;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Consultant;

/// <summary>One entry of a transaction on its way through: read, placed, rewritten, stored or refused.</summary>
internal sealed class TransactionEntry
{
    public string? FullUrl { get; private init; }

    public string Method { get; private init; } = "";

    public string Type { get; private init; } = "";

    /// <summary>The URL's for a PUT; given by the server for a POST.</summary>
    public string? Id { get; set; }

    public string? IfNoneExist { get; private init; }

    public ReadOnlyMemory<byte> Resource { get; private init; }

    public FhirRefusal? Refusal { get; set; }

    /// <summary>What the condition of a create found.</summary>
    public StoredResource? Existing { get; set; }

    public byte[] Rewritten { get; set; } = [];

    public StoredResource? Stored { get; set; }

    public string? Key => Id is null ? null : $"{Type}/{Id}";

    /// <exception cref="FhirRefusal">400: no transaction or batch.</exception>
    public static (string Type, List<TransactionEntry> Entries) ReadAll(ReadOnlyMemory<byte> body, string baseUrl)
    {
        var members = FhirExchange.Members(body.ToArray());
        var type = StoredResource.Text(body, members, "type");
        if (StoredResource.Text(body, members, "resourceType") != "Bundle" || type is not ("transaction" or "batch"))
            throw new FhirRefusal(400, "invalid", "The base takes a Bundle of type transaction or batch.");
        var list = members.Find(m => m.Name == "entry");
        return (type, list.Name is null ? [] : [.. Items(body.Slice(list.Start, list.Length)).Select(e => Read(e, baseUrl))]);
    }

    private static TransactionEntry Read(ReadOnlyMemory<byte> entry, string baseUrl)
    {
        var members = JsonSplice.Members(entry.Span);
        var request = members.Find(m => m.Name == "request");
        var resource = members.Find(m => m.Name == "resource");
        if (request.Name is null || resource.Name is null) return new TransactionEntry { Refusal = new FhirRefusal(400, "required", "An entry needs request and resource.") };
        var asked = entry.Slice(request.Start, request.Length);
        var askedMembers = JsonSplice.Members(asked.Span);
        var method = StoredResource.Text(asked, askedMembers, "method") ?? "";
        var url = StoredResource.Text(asked, askedMembers, "url") ?? "";
        if (url.StartsWith(baseUrl + "/", StringComparison.Ordinal)) url = url[(baseUrl.Length + 1)..];
        var bytes = entry.Slice(resource.Start, resource.Length);
        var type = StoredResource.Text(bytes, JsonSplice.Members(bytes.Span), "resourceType") ?? "";
        var parts = url.Split('/');
        var fits = (method, parts) switch
        {
            ("POST", [var t]) => t == type,
            ("PUT", [var t, var id]) => t == type && FhirRoute.ResourceId().IsMatch(id),
            _ => false,
        };
        return new TransactionEntry
        {
            FullUrl = StoredResource.Text(entry, members, "fullUrl"),
            Method = method,
            Type = type,
            Id = method == "PUT" && parts.Length == 2 ? parts[1] : null,
            IfNoneExist = StoredResource.Text(asked, askedMembers, "ifNoneExist"),
            Resource = bytes,
            Refusal = fits ? null : new FhirRefusal(400, "invalid", "An entry's request is POST {type} or PUT {type}/{id} of its resource's type."),
        };
    }

    private static List<ReadOnlyMemory<byte>> Items(ReadOnlyMemory<byte> array)
    {
        var items = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(array.Span);
        reader.Read();
        if (reader.TokenType != JsonTokenType.StartArray) throw new FhirRefusal(400, "structure", "Bundle.entry is no list.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            items.Add(array[start..(int)reader.BytesConsumed]);
        }
        return items;
    }
}
