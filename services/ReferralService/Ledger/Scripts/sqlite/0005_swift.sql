-- Which partner an open referral waits for and since when, so that the oldest that waits is found by an index. Only additions: the build before this one
-- runs beside it and moves rows without writing these: what it left does not name the partner that the row waits for (or names none), and is then
-- read from the timeline.

-- awaited_for: g:{ehr} or d:{recipient}; awaited_since: since when without a break on that side.
ALTER TABLE referral ADD COLUMN awaited_for TEXT;
ALTER TABLE referral ADD COLUMN awaited_since INTEGER;
UPDATE referral SET awaited_for =
    CASE WHEN state IN ('received', 'gathering') AND (substr(set_aside_for, 1, 10) = 'recipient:' OR error_code IN ('recipient-unreachable', 'recipient-throttled', 'recipient-busy'))
        THEN 'd:' || coalesce(recipient, recipient_asked, '') ELSE lane END
WHERE due_at IS NOT NULL;
UPDATE referral SET awaited_since = coalesce(
    (SELECT min(t.at) FROM timeline t WHERE t.referral = referral.number
        AND CASE WHEN t.state IN ('packaged', 'delivering') OR (t.state IN ('received', 'gathering') AND t.error_code IN ('recipient-unreachable', 'recipient-throttled', 'recipient-busy')) THEN 'd'
            WHEN t.state IN ('received', 'gathering') THEN 'g' ELSE '' END = substr(awaited_for, 1, 1)
        AND t.revision >= coalesce((SELECT max(x.revision) FROM timeline x WHERE x.referral = referral.number
            AND CASE WHEN x.state IN ('packaged', 'delivering') OR (x.state IN ('received', 'gathering') AND x.error_code IN ('recipient-unreachable', 'recipient-throttled', 'recipient-busy')) THEN 'd'
            WHEN x.state IN ('received', 'gathering') THEN 'g' ELSE '' END <> substr(awaited_for, 1, 1)), 0)),
    (SELECT max(l.at) FROM timeline l WHERE l.referral = referral.number),
    created_at)
WHERE due_at IS NOT NULL;
CREATE INDEX referral_awaited ON referral (awaited_for, awaited_since) WHERE due_at IS NOT NULL;
CREATE INDEX referral_awaited_unknown ON referral (number) WHERE due_at IS NOT NULL AND (awaited_for IS NULL OR awaited_for <>
    CASE WHEN state IN ('received', 'gathering') AND (substr(set_aside_for, 1, 10) = 'recipient:' OR error_code IN ('recipient-unreachable', 'recipient-throttled', 'recipient-busy'))
        THEN 'd:' || coalesce(recipient, recipient_asked, '') ELSE lane END);
