-- Instants are unix microseconds. Names and codes compare by bytes (COLLATE "C"), as on SQLite.
-- Plain columns hold ids, codes, counts and instants; content of a record lies in package_chunk alone.

CREATE TABLE referral (
    number             bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    id                 uuid NOT NULL UNIQUE,
    ehr                text COLLATE "C" NOT NULL,
    order_id           text COLLATE "C" NOT NULL,
    recipient_asked    text COLLATE "C",
    recipient          text COLLATE "C",
    recipient_given    boolean NOT NULL,
    state              text COLLATE "C" NOT NULL,
    error_code         text COLLATE "C",
    error_message      text COLLATE "C",
    attempt            integer NOT NULL,
    gather_tries       integer NOT NULL,
    sequence           integer NOT NULL,
    due_at             bigint,
    lease_until        bigint,
    fence              bigint NOT NULL,
    working            boolean NOT NULL,
    crashes            integer NOT NULL,
    gather_deadline    bigint,
    delivery_deadline  bigint,
    package_version    integer NOT NULL,
    package_id         uuid,
    package_form       text COLLATE "C",
    package_digest     text COLLATE "C",
    package_bytes      bigint NOT NULL,
    package_entries    integer NOT NULL,
    package_chunks     integer NOT NULL,
    target_base        text COLLATE "C",
    order_version      text COLLATE "C",
    outcome_unknown    boolean NOT NULL,
    cancel_cause       text COLLATE "C",
    order_noticed      text COLLATE "C",
    attempt_at         bigint,
    resend_anyway      boolean NOT NULL,
    trace_parent       text COLLATE "C",
    created_at         bigint NOT NULL,
    updated_at         bigint NOT NULL,
    revision           bigint NOT NULL,
    -- Whose free places the row waits for: the EHR's while it is gathered, the recipient's while it is delivered.
    lane               text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
                           CASE WHEN state IN ('packaged', 'delivering') THEN 'd:' || coalesce(recipient, recipient_asked, '') ELSE 'g:' || ehr END) STORED
);
CREATE UNIQUE INDEX referral_key ON referral (ehr, order_id, coalesce(recipient_asked, ''));
CREATE INDEX referral_due ON referral (lane, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX referral_leased ON referral (lease_until) WHERE lease_until IS NOT NULL;
CREATE INDEX referral_state ON referral (state, number);
CREATE INDEX referral_open ON referral (ehr, order_id) WHERE state NOT IN ('delivered', 'failed', 'cancelled');
CREATE INDEX referral_package ON referral (package_id) WHERE package_id IS NOT NULL;

-- Lines of one transition share the referral's revision; position orders them within it.
CREATE TABLE timeline (
    referral         bigint NOT NULL REFERENCES referral (number),
    revision         bigint NOT NULL,
    position         integer NOT NULL,
    sequence         integer,
    event_id         uuid,
    event            text COLLATE "C" NOT NULL,
    at               bigint NOT NULL,
    state            text COLLATE "C" NOT NULL,
    recipient        text COLLATE "C",
    attempt          integer NOT NULL,
    package_id       uuid,
    package_digest   text COLLATE "C",
    entries          integer,
    error_code       text COLLATE "C",
    next_attempt_at  bigint,
    detail           text COLLATE "C",
    PRIMARY KEY (referral, revision, position)
);
CREATE INDEX timeline_package ON timeline (package_id) WHERE event = 'packaged';

-- Events the broker has not confirmed. The lowest sequence of a referral is the next to go; available_at is its lease too.
CREATE TABLE outbox (
    referral      bigint NOT NULL,
    sequence      integer NOT NULL,
    revision      bigint NOT NULL,
    position      integer NOT NULL,
    queued_at     bigint NOT NULL,
    available_at  bigint NOT NULL,
    PRIMARY KEY (referral, sequence)
);
CREATE INDEX outbox_available ON outbox (available_at);

CREATE TABLE command (
    id           text COLLATE "C" PRIMARY KEY,
    body_sha256  text COLLATE "C" NOT NULL,
    answer       text COLLATE "C" NOT NULL,
    at           bigint NOT NULL
);
CREATE INDEX command_at ON command (at);

-- One row for each order ever hinted at; due_at is null while nothing new is known of it.
CREATE TABLE notice (
    ehr            text COLLATE "C" NOT NULL,
    order_id       text COLLATE "C" NOT NULL,
    version        text COLLATE "C",
    source         text COLLATE "C" NOT NULL,
    trace_parent   text COLLATE "C",
    generation     bigint NOT NULL,
    tries          integer NOT NULL,
    first_seen_at  bigint NOT NULL,
    due_at         bigint,
    lease_until    bigint,
    defer_code     text COLLATE "C",
    closed_at      bigint,
    outcome        text COLLATE "C",
    reason         text COLLATE "C",
    seen_version   text COLLATE "C",
    PRIMARY KEY (ehr, order_id)
);
CREATE INDEX notice_due ON notice (ehr, due_at) WHERE due_at IS NOT NULL;

-- asked counts the hooks that named nothing; a sweep takes what was asked when it begins and has served it when it completes.
CREATE TABLE sweep (
    ehr          text COLLATE "C" PRIMARY KEY,
    cursor_at    bigint,
    asked        bigint NOT NULL,
    taken        bigint NOT NULL,
    served       bigint NOT NULL,
    running      boolean NOT NULL,
    began_at     bigint,
    due_at       bigint,
    lease_until  bigint,
    lease_span   bigint NOT NULL,
    fence        bigint NOT NULL
);

CREATE TABLE package_part (
    number        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    package_id    uuid NOT NULL,
    part          text COLLATE "C" NOT NULL,
    digest        text COLLATE "C",
    bytes         bigint,
    chunks        integer,
    started_at    bigint NOT NULL,
    completed_at  bigint
);
CREATE INDEX package_part_of ON package_part (package_id, part);
CREATE INDEX package_part_started ON package_part (started_at);

CREATE TABLE package_chunk (
    part   bigint NOT NULL,
    n      integer NOT NULL,
    bytes  bytea NOT NULL,
    PRIMARY KEY (part, n)
);

CREATE TABLE partner_memory (
    partner  text COLLATE "C" NOT NULL,
    key      text COLLATE "C" NOT NULL,
    value    text COLLATE "C" NOT NULL,
    at       bigint NOT NULL,
    PRIMARY KEY (partner, key)
);

-- Compressing a chunk (pglz) would cost more processor than the pages it saves are worth, and nothing once chunks are encrypted.
ALTER TABLE package_chunk ALTER COLUMN bytes SET STORAGE EXTERNAL;

CREATE TABLE probe (
    id  bigint PRIMARY KEY,
    at  bigint NOT NULL
);
