-- Content keys, retention, partners paused by hand, subscriptions at the EHR. Only additions: the build before this one runs beside it.

-- The key its chunks are encrypted with; null: in clear.
ALTER TABLE package_part ADD COLUMN key_id text COLLATE "C";
CREATE INDEX package_part_key ON package_part (key_id);

-- By what a key is known again that has its id: derived from it, and of no help to guess it.
CREATE TABLE vault_key (
    id           text COLLATE "C" PRIMARY KEY,
    check_value  text NOT NULL,
    since        bigint NOT NULL
);

-- When the package's bytes were deleted because their time (Vault:Retention) was over, and which version that was: true of that version only, because
-- the build before this one packages the next without clearing it.
ALTER TABLE referral ADD COLUMN package_purged_at bigint;
ALTER TABLE referral ADD COLUMN package_purged_version integer NOT NULL DEFAULT 0;
CREATE INDEX referral_kept ON referral (updated_at, number) WHERE package_version > package_purged_version AND state IN ('delivered', 'failed', 'cancelled');

-- The cursor was set by our own clock and is not yet translated to the EHR's.
ALTER TABLE sweep ADD COLUMN cursor_is_ours boolean NOT NULL DEFAULT FALSE;

-- Until when its deadlines are reckoned: the end of its last step, or of the pauses that were added to them; null: neither was yet.
-- set_aside_for: the paused partner (as in partner_pause) that its last step met.
ALTER TABLE referral ADD COLUMN waits_since bigint;
ALTER TABLE referral ADD COLUMN set_aside_for text COLLATE "C";

-- Work for these was stopped by hand. partner is ehr:{name} or recipient:{name}.
CREATE TABLE partner_pause (
    partner  text COLLATE "C" PRIMARY KEY,
    at       bigint NOT NULL
);

-- What is known of the subscription that is kept at an EHR; one row for each EHR that is subscribed to.
-- events_seen: every event up to this number was heard of or asked for. events_told: the highest number told; told_at is the EHR's own instant of
-- it, gap_at is when it was last seen that the two differ. count_began_at: the EHR's own instant by which its
-- numbers were seen to begin again: what it dates earlier is of the count before. begun_at: when it was last written at the EHR, so when hearing of it could begin.
CREATE TABLE subscription (
    ehr           text COLLATE "C" PRIMARY KEY,
    kind          text COLLATE "C" NOT NULL,
    resource_id   text COLLATE "C",
    status        text COLLATE "C" NOT NULL,
    error_code    text COLLATE "C",
    events_seen   bigint,
    events_told   bigint,
    told_at       bigint,
    gap_at        bigint,
    count_began_at bigint,
    heard_at      bigint,
    begun_at      bigint,
    checked_at    bigint,
    tries         integer NOT NULL,
    due_at        bigint NOT NULL,
    lease_until   bigint,
    held_by       text COLLATE "C",
    fence         bigint NOT NULL
);

-- Who holds a lease, so that what a dead replica held need not be waited out. A referral's is true of one claim only (held_fence), because the
-- build before this one claims without writing it; held_turn tells one begin of that replica from another.
ALTER TABLE referral ADD COLUMN held_by text COLLATE "C";
ALTER TABLE referral ADD COLUMN held_fence bigint;
ALTER TABLE referral ADD COLUMN held_turn bigint;
ALTER TABLE notice ADD COLUMN held_by text COLLATE "C";
ALTER TABLE sweep ADD COLUMN held_by text COLLATE "C";
ALTER TABLE outbox ADD COLUMN held_by text COLLATE "C";
CREATE INDEX notice_held ON notice (held_by) WHERE lease_until IS NOT NULL;

-- Replicas that live, by their own word; a row not renewed in time is a death.
CREATE TABLE replica (
    id           text COLLATE "C" PRIMARY KEY,
    alive_until  bigint NOT NULL
);

-- How the last attempt was made harmless to repeat, and where its recipient, answering 202, said that its outcome can be asked for.
-- Both are true of the attempt of attempt_noted_at only, because the build before this one begins the next without writing them.
ALTER TABLE referral ADD COLUMN attempt_by text COLLATE "C";
ALTER TABLE referral ADD COLUMN status_url text COLLATE "C";
ALTER TABLE referral ADD COLUMN attempt_noted_at bigint;
