using System.Net;
using System.Runtime.CompilerServices;
using ReferralService.Fhir.Errors;

namespace ReferralService.Fhir.Client;

/// <summary>An answer's body: bounded after decompression, ended when idle, its failures already told as ours, so that a failure of whoever reads it cannot be mistaken for the server's.</summary>
internal sealed class AnswerStream(Stream body, long maxBytes, HttpStatusCode status, IdleWatch watch, Pace pace) : AnswerReading
{
    private long _read;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        watch.Restart(pace.Begin(_read));
        try
        {
            int read = await body.ReadAsync(buffer, watch.Token);
            _read += read;
            return _read <= maxBytes ? read : throw new FhirRequestException(RequestCode.TooLarge, RequestProgress.MaybeSent, status, [], null);
        }
        catch (Exception fault) when (RequestFault.OfBody(fault, status, watch) is { } known)
        {
            throw known;
        }
        catch (Exception fault) when (RequestFault.IsCallers(fault, watch))
        {
            throw new OperationCanceledException(watch.Caller);
        }
        finally
        {
            pace.End();
            watch.Pause();
        }
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing) body.Dispose();
        base.Dispose(disposing);
    }
}
