namespace ReferralService.Packaging.Lines;

/// <summary>What a person is told of one resource: a line of its section's table. Any part may be absent; each is short (<see cref="ReadableText"/>).</summary>
/// <param name="Date">As written in the resource, so that lines sort by it.</param>
/// <param name="Value">What was found or decided: a result, a conclusion, a dose; with what the sender noted on it in brackets.</param>
internal readonly record struct ResourceLine(Said Label, Said Date, Said Value, Said Status);

/// <summary>One coding of a resource's <c>category</c>.</summary>
internal readonly record struct Category(Said System, Said Code);
