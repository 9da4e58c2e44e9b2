namespace ReferralService.Fhir.Resources;

/// <summary>Type and logical id of a resource on one server, written <c>Type/id</c>.</summary>
public readonly record struct ResourceKey(string Type, string Id)
{
    public override string ToString() => $"{Type}/{Id}";
}
