using System.Text.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>Finds when a resource's subject matter was: when it happened before when it was written down, whatever the type calls it.</summary>
internal sealed class DateReading
{
    private const int Unread = int.MaxValue;
    private int _rank = Unread;

    public PlanDate? When { get; private set; }

    /// <summary>False, and nothing read, when the member is another one.</summary>
    public bool Take(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("collection"u8))
        {
            Collection(ref reader);
            return true;
        }

        var (rank, isPeriod) = RankOf(ref reader);
        if (rank == Unread) return false;
        var when = isPeriod ? Period(ref reader) : PlanDate.Of(JsonWalk.Text(ref reader));
        if (when is not null && rank < _rank) (When, _rank) = (when, rank);
        return true;
    }

    private static (int Rank, bool IsPeriod) RankOf(ref Utf8JsonReader reader)
    {
        if (reader.ValueTextEquals("effectiveDateTime"u8) || reader.ValueTextEquals("effectiveInstant"u8) || reader.ValueTextEquals("performedDateTime"u8)
            || reader.ValueTextEquals("occurrenceDateTime"u8) || reader.ValueTextEquals("createdDateTime"u8) || reader.ValueTextEquals("collectedDateTime"u8)
            || reader.ValueTextEquals("started"u8)) return (0, false);
        if (reader.ValueTextEquals("effectivePeriod"u8) || reader.ValueTextEquals("performedPeriod"u8) || reader.ValueTextEquals("occurrencePeriod"u8)
            || reader.ValueTextEquals("createdPeriod"u8) || reader.ValueTextEquals("collectedPeriod"u8)) return (0, true);
        if (reader.ValueTextEquals("period"u8)) return (1, true);
        if (reader.ValueTextEquals("issued"u8) || reader.ValueTextEquals("date"u8) || reader.ValueTextEquals("authoredOn"u8) || reader.ValueTextEquals("authored"u8)
            || reader.ValueTextEquals("recordedDate"u8) || reader.ValueTextEquals("created"u8) || reader.ValueTextEquals("receivedTime"u8)) return (2, false);
        if (reader.ValueTextEquals("dateAsserted"u8) || reader.ValueTextEquals("onsetDateTime"u8)) return (3, false);
        return reader.ValueTextEquals("onsetPeriod"u8) ? (3, true) : (Unread, false);
    }

    private static PlanDate? Period(ref Utf8JsonReader reader)
    {
        string? start = null, end = null;
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("start"u8)) start = JsonWalk.Text(ref reader);
                else if (reader.ValueTextEquals("end"u8)) end = JsonWalk.Text(ref reader);
                else reader.Skip();
            }
        }

        return PlanDate.Of(start, end);
    }

    /// <summary>When a specimen was taken.</summary>
    private void Collection(ref Utf8JsonReader reader)
    {
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (!Take(ref reader)) reader.Skip();
            }
        }
    }
}
