using System.ComponentModel.DataAnnotations;
using System.Reflection;
using System.Text.Json;
using ReferralService.Contracts;
using ReferralService.Ledger;

namespace ReferralService.Tests.Contracts;

/// <summary>What the records may hold, and how they are written.</summary>
[TestFixture]
internal sealed class ContractRecordTests
{
    private static readonly Type[] Messages = [typeof(StatusEvent), typeof(StatusEventData), typeof(SubmitCommand), typeof(CancelCommand), typeof(RetryCommand), typeof(CommandAnswer)];

    /// <summary>Texts whose content another rule closes: two closed lists, one address that we only read, one sentence of ours.</summary>
    private static readonly string[] ClosedElsewhere =
        ["StatusEvent.Type", "StatusEventData.State", "SubmitCommand.ServiceRequest", "CommandAnswer.Message"];

    private static readonly JsonSerializerOptions Instants = new() { Converters = { new UtcMillisecondsConverter() } };

    [Test]
    public void No_message_has_room_for_free_text()
    {
        var open = Messages.SelectMany(type => type.GetProperties())
            .Where(property => property.PropertyType == typeof(string))
            .Where(property => property.GetCustomAttribute<RegularExpressionAttribute>() is null && property.GetCustomAttribute<AllowedValuesAttribute>() is null)
            .Select(property => $"{property.DeclaringType!.Name}.{property.Name}");

        Assert.That(open, Is.EquivalentTo(ClosedElsewhere));
    }

    [Test]
    public void Every_record_of_the_contracts_is_covered_here()
    {
        var records = typeof(StatusEvent).Assembly.GetExportedTypes().Where(type => type is { IsClass: true, IsAbstract: false } && type.GetMethod("<Clone>$") is not null);

        Assert.That(records, Is.EquivalentTo(Messages));
    }

    [Test]
    public void The_contracts_need_nothing_but_the_framework()
        => Assert.That(
            typeof(StatusEvent).Assembly.GetReferencedAssemblies().Select(assembly => assembly.Name),
            Is.All.StartsWith("System."));

    [Test]
    public void Reason_codes_and_states_and_event_types_are_written_alike_and_once()
        => Assert.Multiple(() =>
        {
            foreach (var list in new[] { ReasonCodes.All, StateNames.All, [.. EventTypes.All.Select(type => type[EventTypes.Prefix.Length..])] })
            {
                Assert.That(list, Is.Unique.And.Not.Empty);
                Assert.That(list, Is.All.Match("^[a-z][a-z-]*[a-z]$"));
            }
        });

    [Test]
    public void Every_state_of_the_ledger_is_a_public_state()
        => Assert.That(Enum.GetValues<ReferralState>().Select(state => state.Name()), Is.SubsetOf(StateNames.All));

    [Test]
    public void An_instant_is_written_in_utc_with_milliseconds_even_when_they_are_zero()
    {
        var time = new DateTimeOffset(2026, 11, 22, 12, 0, 0, TimeSpan.FromHours(2));

        var json = JsonSerializer.Serialize(time, Instants);

        Assert.That(json, Is.EqualTo("\"2026-11-22T10:00:00.000Z\""));
    }

    [Test]
    public void A_member_that_a_reader_does_not_know_is_passed_over()
    {
        var command = JsonSerializer.Deserialize(
            """{"id":"0b2c1f2e-0000-4000-8000-000000000001","referralId":"5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90","later":[1],"command":"cancel"}""",
            ContractsJson.Default.ReferralCommand);

        Assert.That(command, Is.TypeOf<CancelCommand>());
    }

    [TestCase("""{"command":"cancel","id":"0b2c1f2e-0000-4000-8000-000000000001"}""", Description = "a required member is missing")]
    [TestCase("""{"command":"cancel","id":"x","referralId":"5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90"}""", Description = "no uuid")]
    [TestCase("""{"command":"delete","id":"0b2c1f2e-0000-4000-8000-000000000001"}""", Description = "no such command")]
    [TestCase("""{"id":"0b2c1f2e-0000-4000-8000-000000000001","id":"0b2c1f2e-0000-4000-8000-000000000002","command":"cancel","referralId":"5f0c8a2e-6d0b-5c1d-9a57-2f4e1b7c3d90"}""", Description = "a name twice")]
    [TestCase("""{"command":"submit","id":"0b2c1f2e-0000-4000-8000-000000000001","ehr":null,"serviceRequest":"1"}""", Description = "null for a required member")]
    public void What_is_no_command_is_not_read_as_one(string json)
        => Assert.That(() => JsonSerializer.Deserialize(json, ContractsJson.Default.ReferralCommand), Throws.InstanceOf<JsonException>().Or.InstanceOf<NotSupportedException>());
}
