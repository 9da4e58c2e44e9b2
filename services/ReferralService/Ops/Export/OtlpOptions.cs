namespace ReferralService.Ops.Export;

internal enum OtlpProtocol { Grpc, Http }

/// <summary>Section <c>Telemetry:Otlp</c>: where metrics and traces are sent to.</summary>
internal sealed record OtlpOptions
{
    /// <summary>The collector, e.g. <c>http://127.0.0.1:4317</c> (grpc) or <c>http://127.0.0.1:4318</c> (http; <c>v1/traces</c> and <c>v1/metrics</c> are added). Null: nothing is sent, and nothing is made for it.</summary>
    public Uri? Endpoint { get; init; }

    /// <summary><c>name=value,name=value</c>, e.g. a collector's token. Never echoed.</summary>
    public string? Headers { get; init; }

    public OtlpProtocol Protocol { get; init; } = OtlpProtocol.Grpc;

    /// <summary>How often metrics are sent. Default 30 s, 1 s to 10 minutes.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Of how many traces in a hundred the spans are sent, whole traces or none. Default 100.</summary>
    public int Percent { get; init; } = 100;

    public static OtlpOptions Read(SettingsReader settings)
    {
        var part = settings.Part("Telemetry").Part("Otlp");
        return new OtlpOptions
        {
            Endpoint = ReadEndpoint(part),
            Headers = ReadHeaders(part),
            Protocol = part.Choice("Protocol", OtlpProtocol.Grpc),
            Interval = part.Span("Interval", TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10)),
            Percent = (int)part.Number("Percent", 100, 0, 100),
        };
    }

    private static Uri? ReadEndpoint(SettingsReader part)
    {
        if (part.Text("Endpoint") is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri is { Scheme: "http" or "https", UserInfo.Length: 0, Query.Length: 0 }) return uri;
        part.Fault("Endpoint", "must be the collector's address, e.g. http://127.0.0.1:4317 for grpc or http://127.0.0.1:4318 for http");
        return null;
    }

    private static string? ReadHeaders(SettingsReader part)
    {
        if (part.SecretText("Headers") is not { } text) return null;
        if (text.Split(',').All(pair => pair.IndexOf('=') > 0)) return text;
        part.Fault("Headers", "must be name=value, several with commas between");
        return null;
    }
}
