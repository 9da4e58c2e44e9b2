-- Content keys, retention, partners paused by hand, subscriptions at the EHR. Only additions: the build before this one runs beside it.

-- The key its chunks are encrypted with; null: in clear.
ALTER TABLE package_part ADD COLUMN key_id TEXT;

-- When the package's bytes were deleted because their time (Vault:Retention) was over.
ALTER TABLE referral ADD COLUMN package_purged_at INTEGER;
CREATE INDEX referral_kept ON referral (updated_at) WHERE package_id IS NOT NULL AND package_purged_at IS NULL AND state IN ('delivered', 'failed', 'cancelled');

-- Work for these was stopped by hand. partner is ehr:{name} or recipient:{name}.
CREATE TABLE partner_pause (
    partner  TEXT PRIMARY KEY,
    at       INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is known of the subscription that is kept at an EHR; one row for each EHR that is subscribed to.
CREATE TABLE subscription (
    ehr           TEXT PRIMARY KEY,
    kind          TEXT NOT NULL,
    resource_id   TEXT,
    status        TEXT NOT NULL,
    error_code    TEXT,
    events_seen   INTEGER,
    heard_at      INTEGER,
    checked_at    INTEGER,
    due_at        INTEGER,
    lease_until   INTEGER,
    fence         INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
