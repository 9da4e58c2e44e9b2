using System.Buffers;
using ReferralService.Fhir.Validation;

namespace ReferralService.Packaging.Conformance;

/// <summary>Takes a resource that we write, whole, so that it is looked at before any of it leaves: structure and R4's invariants.</summary>
internal sealed class AuthoredBuffer : IDisposable
{
    private readonly PooledBytes _written = new(64 * 1024);

    /// <summary>Good until the next call.</summary>
    /// <exception cref="AuthoredFaultException">It is not as R4 says.</exception>
    public ReadOnlyMemory<byte> Write(Action<IBufferWriter<byte>> write)
    {
        _written.CutTo(0);
        write(_written);
        var report = AuthoredCheck.Check(_written.Span);
        if (report.Conforms) return _written.Memory;
        var first = report.Findings.FirstOrDefault(f => f.Severity == LintSeverity.Error);
        throw new AuthoredFaultException(first.Path ?? "Bundle.entry.resource", first.Rule ?? first.Code ?? LintCode.Invariant);
    }

    public void Dispose() => _written.Dispose();
}
