-- Instants are unix microseconds. Ids are text (lower-case UUIDs), so that a person with a shell can read the file.
-- Plain columns hold ids, codes, counts and instants; content of a record lies in package_chunk alone.

CREATE TABLE referral (
    number             INTEGER PRIMARY KEY,
    id                 TEXT NOT NULL UNIQUE,
    ehr                TEXT NOT NULL,
    order_id           TEXT NOT NULL,
    recipient_asked    TEXT,
    recipient          TEXT,
    recipient_given    INTEGER NOT NULL,
    state              TEXT NOT NULL,
    error_code         TEXT,
    error_message      TEXT,
    attempt            INTEGER NOT NULL,
    gather_tries       INTEGER NOT NULL,
    sequence           INTEGER NOT NULL,
    due_at             INTEGER,
    lease_until        INTEGER,
    fence              INTEGER NOT NULL,
    working            INTEGER NOT NULL,
    crashes            INTEGER NOT NULL,
    gather_deadline    INTEGER,
    delivery_deadline  INTEGER,
    package_version    INTEGER NOT NULL,
    package_id         TEXT,
    package_form       TEXT,
    package_digest     TEXT,
    package_bytes      INTEGER NOT NULL,
    package_entries    INTEGER NOT NULL,
    package_chunks     INTEGER NOT NULL,
    target_base        TEXT,
    order_version      TEXT,
    outcome_unknown    INTEGER NOT NULL,
    cancel_cause       TEXT,
    order_noticed      TEXT,
    attempt_at         INTEGER,
    resend_anyway      INTEGER NOT NULL,
    trace_parent       TEXT,
    created_at         INTEGER NOT NULL,
    updated_at         INTEGER NOT NULL,
    revision           INTEGER NOT NULL,
    -- Whose free places the row waits for: the EHR's while it is gathered, the recipient's while it is delivered.
    lane               TEXT NOT NULL GENERATED ALWAYS AS (
                           CASE WHEN state IN ('packaged', 'delivering') THEN 'd:' || coalesce(recipient, recipient_asked, '') ELSE 'g:' || ehr END) VIRTUAL
) STRICT;
CREATE UNIQUE INDEX referral_key ON referral (ehr, order_id, coalesce(recipient_asked, ''));
CREATE INDEX referral_due ON referral (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX referral_leased ON referral (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX referral_state ON referral (state, number);
CREATE INDEX referral_open ON referral (ehr, order_id) WHERE state NOT IN ('delivered', 'failed', 'cancelled');
CREATE INDEX referral_package ON referral (package_id) WHERE package_id IS NOT NULL;

-- Lines of one transition share the referral's revision; position orders them within it.
CREATE TABLE timeline (
    referral         INTEGER NOT NULL REFERENCES referral (number),
    revision         INTEGER NOT NULL,
    position         INTEGER NOT NULL,
    sequence         INTEGER,
    event_id         TEXT,
    event            TEXT NOT NULL,
    at               INTEGER NOT NULL,
    state            TEXT NOT NULL,
    recipient        TEXT,
    attempt          INTEGER NOT NULL,
    package_id       TEXT,
    package_digest   TEXT,
    entries          INTEGER,
    error_code       TEXT,
    next_attempt_at  INTEGER,
    detail           TEXT,
    PRIMARY KEY (referral, revision, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX timeline_package ON timeline (package_id) WHERE event = 'packaged';

-- Events the broker has not confirmed. The lowest sequence of a referral is the next to go; available_at is its lease too.
CREATE TABLE outbox (
    referral      INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    queued_at     INTEGER NOT NULL,
    available_at  INTEGER NOT NULL,
    PRIMARY KEY (referral, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX outbox_available ON outbox (available_at);

CREATE TABLE command (
    id           TEXT PRIMARY KEY,
    body_sha256  TEXT NOT NULL,
    answer       TEXT NOT NULL,
    at           INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX command_at ON command (at);

-- One row for each order ever hinted at; due_at is null while nothing new is known of it.
CREATE TABLE notice (
    ehr            TEXT NOT NULL,
    order_id       TEXT NOT NULL,
    version        TEXT,
    source         TEXT NOT NULL,
    trace_parent   TEXT,
    generation     INTEGER NOT NULL,
    tries          INTEGER NOT NULL,
    first_seen_at  INTEGER NOT NULL,
    due_at         INTEGER,
    lease_until    INTEGER,
    defer_code     TEXT,
    closed_at      INTEGER,
    outcome        TEXT,
    reason         TEXT,
    seen_version   TEXT,
    PRIMARY KEY (ehr, order_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX notice_due ON notice (ehr, due_at) WHERE due_at IS NOT NULL;

-- asked counts the hooks that named nothing; a sweep takes what was asked when it begins and has served it when it completes.
CREATE TABLE sweep (
    ehr          TEXT PRIMARY KEY,
    cursor_at    INTEGER,
    asked        INTEGER NOT NULL,
    taken        INTEGER NOT NULL,
    served       INTEGER NOT NULL,
    running      INTEGER NOT NULL,
    began_at     INTEGER,
    due_at       INTEGER,
    lease_until  INTEGER,
    lease_span   INTEGER NOT NULL,
    fence        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE package_part (
    number        INTEGER PRIMARY KEY,
    package_id    TEXT NOT NULL,
    part          TEXT NOT NULL,
    digest        TEXT,
    bytes         INTEGER,
    chunks        INTEGER,
    started_at    INTEGER NOT NULL,
    completed_at  INTEGER
) STRICT;
CREATE INDEX package_part_of ON package_part (package_id, part);
CREATE INDEX package_part_started ON package_part (started_at);

CREATE TABLE package_chunk (
    part   INTEGER NOT NULL,
    n      INTEGER NOT NULL,
    bytes  BLOB NOT NULL,
    PRIMARY KEY (part, n)
) STRICT;

CREATE TABLE partner_memory (
    partner  TEXT NOT NULL,
    key      TEXT NOT NULL,
    value    TEXT NOT NULL,
    at       INTEGER NOT NULL,
    PRIMARY KEY (partner, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE probe (
    id  INTEGER PRIMARY KEY,
    at  INTEGER NOT NULL
) STRICT;
