using System.Text.Json;
using ReferralService.Fhir.Json;

namespace ReferralService.Gathering.Plans;

/// <summary>Finds when a resource's subject matter was: when it happened before when it was written down, whatever the type calls it.</summary>
internal struct DateReading
{
    private TopicMember _by;

    public PlanDate? When { get; private set; }

    /// <param name="member">Of the name that the reader stands on.</param>
    /// <returns>False, and nothing read, when the member is no date.</returns>
    public bool Take(TopicMember member, ref TokenReader reader)
    {
        switch (member)
        {
            case TopicMember.Collection:
                Collection(ref reader);
                return true;
            case TopicMember.HappenedPeriod or TopicMember.WentOnPeriod or TopicMember.KnownPeriod:
                Take(member, Period(ref reader));
                return true;
            case TopicMember.Happened or TopicMember.Written or TopicMember.Known:
                Take(member, Date(ref reader, out _));
                return true;
            default:
                return false;
        }
    }

    /// <summary>Of two that count the same the first one counts.</summary>
    private void Take(TopicMember member, PlanDate? when)
    {
        if (when is not null && (_by == TopicMember.None || Rank(member) < Rank(_by))) (When, _by) = (when, member);
    }

    private static int Rank(TopicMember member) => member switch
    {
        TopicMember.Happened or TopicMember.HappenedPeriod => 0,
        TopicMember.WentOnPeriod => 1,
        TopicMember.Written => 2,
        _ => 3,
    };

    /// <param name="isText">There is a text, date or not.</param>
    private static PlanDate? Date(ref TokenReader reader, out bool isText)
    {
        reader.Read();
        isText = reader.TokenType == JsonTokenType.String;
        if (isText) return reader.ValueIsEscaped ? PlanDate.Of(reader.GetString()) : PlanDate.Of(reader.ValueSpan);
        reader.Skip();
        return null;
    }

    /// <summary>By its end; one without end still goes on.</summary>
    private static PlanDate? Period(ref TokenReader reader)
    {
        PlanDate? start = null, end = null;
        bool ends = false;
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (reader.ValueTextEquals("start"u8)) start = Date(ref reader, out _);
                else if (reader.ValueTextEquals("end"u8)) end = Date(ref reader, out ends);
                else reader.Skip();
            }
        }

        return ends ? end : start?.GoingOn;
    }

    private void Collection(ref TokenReader reader)
    {
        int depth = -1;
        while (JsonWalk.NextObject(ref reader, ref depth))
        {
            while (JsonWalk.NextMember(ref reader))
            {
                if (!Take(TopicMembers.Of(in reader), ref reader)) reader.Skip();
            }
        }
    }
}
