namespace ReferralService.Tests.Docs;

/// <summary>For every command in the documents: the test that runs it, or why none does. docs/commands.md is made from this list.</summary>
internal static class CommandBook
{
    private const string NoEngine = "no container engine, no cluster and no running systemd where this is developed";
    private const string Figures = "minutes of a machine's whole attention; the figures in the documents come from it";
    private const string Reckoned = "with --write it changes the page whose tables come from it; SimulationTests and ReckoningTests hold its arithmetic";
    private const string Form = "a form and no command: the words stand in a table beside it";
    private const string ByHand = "for a broker in trouble; the tests' own brokers are made anew instead";

    /// <param name="RunBy">Test class, or a script; null: nobody.</param>
    /// <param name="Note">How it is run where that is not word for word; or why it is not.</param>
    public sealed record Entry(string Text, string? RunBy, string Note = "");

    public static IReadOnlyList<Entry> All { get; } =
    [
        new("dotnet run --project services/ReferralService.Sandbox", "DemoTests", "the built program"),
        new("dotnet run --project services/ReferralService.Sandbox -- --keep", "KeepTests", "the built program"),
        new("export SERVICE=http://127.0.0.1:8080", "KeepTests", "with the address that the demo printed"),
        new("dotnet run --project services/ReferralService -- health --url $SERVICE", "KeepTests", "the built program"),
        new("dotnet run --project services/ReferralService -- list --url $SERVICE", "KeepTests", "the built program"),
        new("""newest=$(dotnet run --project services/ReferralService -- list --limit 1 --json --url $SERVICE | grep -o '"id":"[^"]*"' | head -n 1 | cut -d'"' -f4)""", "KeepTests", "the built program"),
        new("""dotnet run --project services/ReferralService -- watch "$newest" --url $SERVICE""", "KeepTests", "the built program"),
        new("""curl -sf "$SERVICE/api/referrals/$newest/package" -o package.json""", "KeepTests"),
        new("""curl -sf "$SERVICE/api/referrals/$newest/manifest" -o manifest.json""", "KeepTests"),
        new("dotnet run --project services/ReferralService", "CommandLineTests", "the built program, in an empty folder"),
        new("dotnet run --project services/ReferralService -- doctor", "CommandLineTests", "the built program, in an empty folder"),
        new("dotnet ReferralService.dll doctor", "CommandLineTests"),
        new("dotnet run --project services/ReferralService -- list --state held", "ReadingVerbTests", "the verb, in the tests' own process"),
        new("bash deploy/test.sh", ".ci/run"),
        new("dotnet run -c Release --project services/ReferralService.Benchmarks -- --quick", ".ci/run", "built before"),
        new("dotnet run -c Release --project services/ReferralService.AcceptanceTests -- chaos", "ChaosCommandTests", "the same entry with few kills, and ChaosFigureTests"),
        new("dotnet ReferralService.dll health", "ConfinedRunTests"),
        new("""(umask 077; echo "k1 $(openssl rand -base64 32)" > vault.keys)""", "RunbookCommandTests"),
        new("""(umask 077; { echo "k2 $(openssl rand -base64 32)"; cat vault.keys; } > vault.new && mv vault.new vault.keys)""", "RunbookCommandTests"),
        new("""sqlite3 data/referrals.db ".backup copy.db" """.Trim(), "RunbookCommandTests", "ignored where sqlite3 is not installed"),
        new("echo whsec_$(openssl rand -base64 32)", "RunbookCommandTests"),
        new("rabbitmqctl import_definitions", "DefinitionsTests"),
        new("sh deploy/secrets.sh", "ComposeTests", "into another folder"),
        new("dotnet publish services/ReferralService -c Release -o /opt/referral-service -p:UseAppHost=false", "ConfinedRunTests", "into another folder"),

        new("git clone https://git.example.org/referral-service.git && cd referral-service", null, "an example's address"),
        new("dotnet run -c Release --project services/ReferralService.Benchmarks", null, Figures),
        new("dotnet run -c Release --project services/ReferralService.Benchmarks -- walk --in-flight 8 --ledger PostgreSql --replicas 2", null, Figures),
        new("dotnet run -c Release --project services/ReferralService.Benchmarks -- --write docs/performance.md", null, Figures),
        new("dotnet run -c Release --project services/ReferralService.Benchmarks -- queueing", null, Reckoned),
        new("dotnet run -c Release --project services/ReferralService.Benchmarks -- queueing --write docs/scale.md", null, Reckoned),
        new("dotnet run -c Release --project services/ReferralService.AcceptanceTests -- chaos --replicas 2", null, Figures),
        new("dotnet run -c Release --project services/ReferralService.AcceptanceTests -- chaos [--kills N] [--seed N] [--setup sqlite|postgresql] [--replicas N] [--full|--long] [--phase …]", null, Form),
        new("REFERRAL_FUZZ_INPUTS=200000 dotnet test services/ReferralService.Tests --filter FullyQualifiedName~Tests.Fuzz --logger 'console;verbosity=normal'", null, "FuzzTests run with 20,000 inputs each time; this is ten times that"),
        new("dotnet run --project services/ReferralService -- WORDS", null, Form),
        new("dotnet ReferralService.dll WORDS", null, Form),
        new("""curl -s http://127.0.0.1:8080/api/referrals -H 'Content-Type: application/json' -d '{"ehr":"main","serviceRequest":"ServiceRequest/123","recipient":"urology-east"}'""", null, "an example's order; the same calls with orders that are there: docs/start.md"),
        new("curl -s http://127.0.0.1:8080/api/referrals/<id>", null, "as above"),
        new("curl -s http://127.0.0.1:8080/api/referrals/<id>/package", null, "as above"),
        new("curl -s http://127.0.0.1:8080/api/referrals/<id>/manifest", null, "as above"),
        new("rabbitmqctl change_password referral-service …", null, "DefinitionsTests set the password by rabbitmq/with-password.sh"),
        new("rabbitmqctl change_password", null, ByHand),
        new("rabbitmqctl set_permissions", null, ByHand),
        new("rabbitmqctl status", null, ByHand),
        new("rabbitmqctl purge_queue referral.commands.rejected", null, ByHand),
        new("docker build", null, NoEngine),
        new("docker compose up", null, NoEngine),
        new("docker compose -f deploy/compose.yaml up -d --build", null, NoEngine),
        new("""curl -s -H "Authorization: Bearer $(cat deploy/secrets/Api__Keys__ops__Secret)" http://127.0.0.1:8081/api/partners""", null, NoEngine),
        new("kubectl apply", null, NoEngine),
        new("kubectl create namespace referrals", null, NoEngine),
        new("kubectl -n referrals create secret generic referral-service --from-file=deploy/secrets/Api__Keys__ops__Secret --from-file=deploy/secrets/Api__Keys__prometheus__Secret --from-file=deploy/secrets/Bus__RabbitMq --from-file=deploy/secrets/Ledger__ConnectionString --from-file=deploy/secrets/vault.keys", null, NoEngine),
        new("kubectl apply -k deploy/kubernetes/example", null, NoEngine),
        new("install -d -m 0755 /etc/referral-service && install -d -m 0700 /etc/referral-service/secrets", null, NoEngine),
        new("""(umask 077; echo "k1 $(openssl rand -base64 32)" > /etc/referral-service/secrets/vault.keys)""", null, "RunbookCommandTests run the same in another folder"),
        new("cp deploy/systemd/referral-service.service /etc/systemd/system/", null, NoEngine),
        new("install -D -m 0644 docs/runbook.md /usr/share/doc/referral-service/runbook.md", null, NoEngine),
        new("systemctl daemon-reload && systemctl enable --now referral-service", null, NoEngine),
        new("journalctl -u referral-service", null, NoEngine),
    ];
}
