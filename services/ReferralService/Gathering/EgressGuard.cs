using System.Net;
using System.Net.Sockets;
using ReferralService.Fhir.Errors;

namespace ReferralService.Gathering;

/// <summary>Looks a name up; by DNS, unless a test says otherwise.</summary>
internal delegate Task<IPAddress[]> NameLookup(string host, CancellationToken cancellationToken);

/// <summary>Opens the TCP connections to one partner: only to its configured host and port, and only to addresses its rule allows.</summary>
/// <remarks>It connects to the very addresses it has checked, so a name that means something else a moment later (DNS rebinding) changes nothing.</remarks>
/// <param name="partner">Its configured name, for the log.</param>
internal sealed partial class EgressGuard(string partner, Uri baseUrl, IReadOnlyList<IPNetwork> networks, ILogger log, NameLookup? lookup = null)
{
    private readonly AddressRule _rule = new(baseUrl.IsLoopback, networks);
    private readonly NameLookup _lookup = lookup ?? Dns.GetHostAddressesAsync;

    /// <exception cref="FhirRequestException">address-refused; nothing was sent anywhere.</exception>
    public async ValueTask<Stream> ConnectAsync(DnsEndPoint to, CancellationToken cancellationToken)
    {
        if (to.Port != baseUrl.Port || !string.Equals(to.Host.Trim('[', ']'), baseUrl.IdnHost.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)) throw Refused("other-origin");
        IPAddress[] named = IPAddress.TryParse(to.Host, out var literal) ? [literal] : await _lookup(to.Host, cancellationToken);
        var allowed = new List<IPAddress>();
        string? why = null;
        foreach (var address in named)
        {
            if (_rule.WhyNot(address) is not { } reason) allowed.Add(address);
            else why ??= reason;
        }

        if (allowed.Count == 0 && why is not null) throw Refused(why);
        if (why is not null) Log.Passed(log, partner, why);

        return await OpenAsync(allowed, to.Port, cancellationToken);
    }

    /// <summary>One after the other until one answers.</summary>
    private static async Task<Stream> OpenAsync(List<IPAddress> addresses, int port, CancellationToken cancellationToken)
    {
        SocketException? last = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, port), cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            }
            catch (SocketException e)
            {
                socket.Dispose();
                last = e;
            }
            catch
            {
                socket.Dispose();
                throw;
            }
        }

        throw last ?? new SocketException((int)SocketError.HostNotFound);
    }

    private FhirRequestException Refused(string reason)
    {
        Log.Refused(log, partner, reason);
        return new FhirRequestException(RequestCode.AddressRefused, RequestProgress.NotSent, null, [], null);
    }

    private static partial class Log
    {
        [LoggerMessage(2011, LogLevel.Warning, "A connection to {Partner} was refused before it was made: its address is not allowed ({Reason})")]
        public static partial void Refused(ILogger log, string partner, string reason);

        [LoggerMessage(2012, LogLevel.Warning, "{Partner} has addresses that are not allowed ({Reason}); only the others are used")]
        public static partial void Passed(ILogger log, string partner, string reason);
    }
}
