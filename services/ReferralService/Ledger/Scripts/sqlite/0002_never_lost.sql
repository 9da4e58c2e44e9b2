-- Content keys, retention, partners paused by hand, subscriptions at the EHR. Only additions: the build before this one runs beside it.

-- The key its chunks are encrypted with; null: in clear.
ALTER TABLE package_part ADD COLUMN key_id TEXT;
CREATE INDEX package_part_key ON package_part (key_id);

-- By what a key is known again that has its id: derived from it, and of no help to guess it.
CREATE TABLE vault_key (
    id           TEXT PRIMARY KEY,
    check_value  TEXT NOT NULL,
    since        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- When the package's bytes were deleted because their time (Vault:Retention) was over, and which version that was: true of that version only, because
-- the build before this one packages the next without clearing it.
ALTER TABLE referral ADD COLUMN package_purged_at INTEGER;
ALTER TABLE referral ADD COLUMN package_purged_version INTEGER NOT NULL DEFAULT 0;
CREATE INDEX referral_kept ON referral (updated_at, number) WHERE package_version > package_purged_version AND state IN ('delivered', 'failed', 'cancelled');

-- The cursor was set by our own clock and is not yet translated to the EHR's.
ALTER TABLE sweep ADD COLUMN cursor_is_ours INTEGER NOT NULL DEFAULT 0;

-- Until when its deadlines are reckoned: the end of its last step, or of the pauses that were added to them; null: neither was yet.
-- set_aside_for: the paused partner (as in partner_pause) that its last step met.
ALTER TABLE referral ADD COLUMN waits_since INTEGER;
ALTER TABLE referral ADD COLUMN set_aside_for TEXT;

-- Work for these was stopped by hand. partner is ehr:{name} or recipient:{name}.
CREATE TABLE partner_pause (
    partner  TEXT PRIMARY KEY,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is known of the subscription that is kept at an EHR; one row for each EHR that is subscribed to.
-- events_seen: every event up to this number was heard of or asked for. events_told: the highest number told; told_at is the EHR's own instant of
-- it, gap_at is when it was last seen that the two differ. count_began_at: the EHR's own instant by which its
-- numbers were seen to begin again: what it dates earlier is of the count before. begun_at: when it was last written at the EHR, so when hearing of it could begin.
CREATE TABLE subscription (
    ehr           TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    resource_id   TEXT,
    status        TEXT NOT NULL,
    error_code    TEXT,
    events_seen   INTEGER,
    events_told   INTEGER,
    told_at       INTEGER,
    gap_at        INTEGER,
    count_began_at INTEGER,
    heard_at      INTEGER,
    begun_at      INTEGER,
    checked_at    INTEGER,
    tries         INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    lease_until   INTEGER,
    held_by       TEXT,
    fence         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Who holds a lease, so that what a dead replica held need not be waited out. A referral's is true of one claim only (held_fence), because the
-- build before this one claims without writing it; held_turn tells one begin of that replica from another.
ALTER TABLE referral ADD COLUMN held_by TEXT;
ALTER TABLE referral ADD COLUMN held_fence INTEGER;
ALTER TABLE referral ADD COLUMN held_turn INTEGER;
ALTER TABLE notice ADD COLUMN held_by TEXT;
ALTER TABLE sweep ADD COLUMN held_by TEXT;
ALTER TABLE outbox ADD COLUMN held_by TEXT;
CREATE INDEX notice_held ON notice (held_by) WHERE lease_until IS NOT NULL;

-- Replicas that live, by their own word; a row not renewed in time is a death.
CREATE TABLE replica (
    id           TEXT PRIMARY KEY,
    alive_until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- How the last attempt was made harmless to repeat, and where its recipient, answering 202, said that its outcome can be asked for.
-- Both are true of the attempt of attempt_noted_at only, because the build before this one begins the next without writing them.
ALTER TABLE referral ADD COLUMN attempt_by TEXT;
ALTER TABLE referral ADD COLUMN status_url TEXT;
ALTER TABLE referral ADD COLUMN attempt_noted_at INTEGER;
