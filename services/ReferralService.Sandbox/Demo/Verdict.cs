using ReferralService.Sandbox.Consultant;
using ReferralService.Sandbox.Repository;
using ReferralService.Sandbox.Serving;

namespace ReferralService.Sandbox.Demo;

/// <summary>Looks where the records are now: reads them back from the consultants and compares them with what the service says it sent.</summary>
internal sealed class Verdict(Stage stage, Screen screen)
{
    /// <returns>Everything that is wrong; empty when each referral was delivered exactly once, byte for byte.</returns>
    public async Task<IReadOnlyList<string>> ReachAsync(IReadOnlyList<SceneResult> results, CancellationToken cancellationToken)
    {
        var wrong = new List<string>();
        screen.Plain();
        screen.Title("Where the records are now");
        screen.Plain($"  {"referral",-12}{"recipient",-14}{"form",-12}{"entries",8}{"bytes",10}{"attempts",10}{"requests",10}{"time",10}");
        foreach (var result in results)
        {
            var faults = new List<string>(result.Wrong);
            if (result.Referral is not { } referral || referral.Package is not { } package)
            {
                screen.Plain($"  {result.Scene.Name,-12}{"-",-14}{result.Referral?.State ?? "no referral"}");
                wrong.AddRange((faults.Count > 0 ? faults : ["it has no package"]).Select(f => $"{result.Scene.Name}: {f}"));
                continue;
            }
            screen.Plain($"  {result.Scene.Name,-12}{referral.Recipient,-14}{package.Form.ToLowerInvariant(),-12}{package.Entries,8}{package.Bytes,10:N0}{referral.Attempt,10}{result.Writes,10}{result.Took.TotalSeconds,8:0.0} s");
            var shown = await stage.Api.PackageAsync(referral.Id, cancellationToken);
            foreach (var line in Wrapped(shown.Types())) screen.Plain("      " + line);
            await CompareAsync(result.Scene, referral, package, shown, faults, cancellationToken);
            wrong.AddRange(faults.Select(f => $"{result.Scene.Name}: {f}"));
        }

        var effects = stage.Consultants.Sum(c => c.Server.Effects.All.Count);
        if (effects != results.Count) wrong.Add($"the consultants stored {effects} times, not {results.Count}");
        var referrals = await stage.Api.AllAsync(cancellationToken);
        if (referrals.Count != results.Count) wrong.Add($"the service has {referrals.Count} referrals, not {results.Count}, of {results.Count} orders");
        return wrong;
    }

    private async Task CompareAsync(Scene scene, ReferralFacts referral, PackageFacts package, ShownPackage shown, List<string> wrong, CancellationToken cancellationToken)
    {
        if (referral.State != "delivered") wrong.Add($"it is {referral.State}, {referral.Error?.Code}");
        if (referral.Recipient != scene.Recipient) wrong.Add($"it went to {referral.Recipient}, not {scene.Recipient}");
        if (shown.ETag != package.Digest) wrong.Add("the ETag of /package is not the digest of the referral");
        if (FhirExchange.Digest(shown.Bytes) != package.Digest) wrong.Add("the bytes of /package do not have its digest");
        var consultant = stage.Consultants.FirstOrDefault(c => c.Name == referral.Recipient);
        var stored = stage.Consultants.SelectMany(c => c.Server.Effects.All).Where(e => e.Identifier == $"urn:uuid:{package.Id}").ToList();
        if (consultant is null || stored.Count != 1)
        {
            wrong.Add($"the consultants stored the package {stored.Count} times");
            return;
        }
        if (consultant.Server.Effects.All.All(e => e != stored[0])) wrong.Add("another consultant has it");
        if (stored[0].Digest != package.Digest) wrong.Add("the bytes the consultant received are not those of /package");
        var place = $"{consultant.Server.Base}/{stored[0].Key}";
        var back = await stage.Http.GetByteArrayAsync(place, cancellationToken);
        var same = SameBytes(back, shown.Bytes, stored[0], out var how);
        screen.Plain($"      {place}");
        if (same) screen.Good($"      read back and compared: {how} ({Storyteller.Short(package.Digest)})");
        else wrong.Add($"read back from {place}, the bytes differ: {how}");
    }

    /// <summary>A server that gives its own ids must change this one string; with the package's id put back, every byte must be the same.</summary>
    private static bool SameBytes(byte[] back, byte[] sent, Effect effect, out string how)
    {
        if (back.AsSpan().SequenceEqual(sent))
        {
            how = "the bytes match";
            return true;
        }
        if (!effect.Key.StartsWith("Bundle/", StringComparison.Ordinal))
        {
            how = "it was stored entry by entry";
            return effect.Interaction == "transaction";
        }
        var id = StoredResource.Text(sent, JsonSplice.Members(sent), "id");
        how = "the bytes match, but for the Bundle.id that this consultant gives itself";
        return id is not null && JsonSplice.WithMembers(back, ("id", JsonSplice.Quoted(id))).AsSpan().SequenceEqual(sent);
    }

    private static IEnumerable<string> Wrapped(IReadOnlyList<string> parts)
    {
        var line = "";
        foreach (var part in parts)
        {
            if (line.Length + part.Length > 90)
            {
                yield return line + ",";
                line = part;
            }
            else
            {
                line = line.Length == 0 ? part : $"{line}, {part}";
            }
        }
        yield return line;
    }
}
