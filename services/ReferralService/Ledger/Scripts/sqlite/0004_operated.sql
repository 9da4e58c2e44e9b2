-- What those who run it need: to find a referral by what they know of it, to see what was done by hand, to act on many at once, to be told without a broker.
-- Only additions: the build before this one runs beside it.

-- By what the number on an order's form (ServiceRequest.requisition) leads to its referral, and for nothing else: token is a keyed digest of it, sealed
-- what the token is made from (a digest too), for the day the key changes.
CREATE TABLE requisition (
    referral  INTEGER PRIMARY KEY,
    token     TEXT NOT NULL,
    key_id    TEXT,
    sealed    BLOB NOT NULL
) STRICT;
CREATE INDEX requisition_token ON requisition (token);
CREATE INDEX referral_order ON referral (order_id);
CREATE INDEX referral_trace ON referral (substr(trace_parent, 4, 32)) WHERE trace_parent IS NOT NULL;
CREATE INDEX referral_error ON referral (error_code, number) WHERE error_code IS NOT NULL;
-- What somebody should look at: held, failed, put off again and again, or perhaps landed. Being put off because a recipient cannot even be asked
-- is no try of anything: its events are counted (one for received, two for each package, one each time).
CREATE INDEX referral_problem ON referral (error_code, number)
    WHERE state IN ('held', 'failed') OR (due_at IS NOT NULL AND error_code IS NOT NULL AND (attempt >= 3 OR gather_tries >= 3 OR error_code = 'outcome-unknown'
        OR (error_code IN ('recipient-unreachable', 'recipient-throttled', 'recipient-busy') AND sequence >= 4 + 2 * package_version)));
CREATE INDEX referral_recipient ON referral (coalesce(recipient, recipient_asked), number);
CREATE INDEX referral_ehr ON referral (ehr, number);

-- What a person did, or was shown, by hand. Names of keys or of accounts, ids and codes; reason is one of a closed list, ticket the caller's own reference.
-- id: given before the first try to write it, so that a try whose answer was lost leaves one row.
CREATE TABLE ops_action (
    number    INTEGER PRIMARY KEY,
    id        TEXT NOT NULL UNIQUE,
    at        INTEGER NOT NULL,
    actor     TEXT NOT NULL,
    role      TEXT NOT NULL,
    action    TEXT NOT NULL,
    referral  TEXT,
    partner   TEXT,
    bulk      TEXT,
    reason    TEXT,
    ticket    TEXT,
    outcome   TEXT NOT NULL
) STRICT;
CREATE INDEX ops_action_referral ON ops_action (referral, number) WHERE referral IS NOT NULL;
CREATE INDEX ops_action_actor ON ops_action (actor, number);
CREATE INDEX ops_action_at ON ops_action (at);

-- One act on many referrals, on the list as it was when it was asked for. id is the token of the form, so that a second click is the same act.
-- matched: how many it was asked for; the oldest of them are in the list when they were more than are taken at once.
CREATE TABLE bulk_action (
    id           TEXT PRIMARY KEY,
    action       TEXT NOT NULL,
    recipient    TEXT,
    actor        TEXT NOT NULL,
    role         TEXT NOT NULL,
    state        TEXT NOT NULL,
    at           INTEGER NOT NULL,
    matched      INTEGER NOT NULL,
    begun_at     INTEGER,
    ended_at     INTEGER,
    lease_until  INTEGER,
    held_by      TEXT,
    fence        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_action_running ON bulk_action (id) WHERE state = 'running';
CREATE TABLE bulk_item (
    bulk      TEXT NOT NULL,
    position  INTEGER NOT NULL,
    referral  TEXT NOT NULL,
    outcome   TEXT,
    at        INTEGER,
    PRIMARY KEY (bulk, position)
) STRICT, WITHOUT ROWID;
CREATE INDEX bulk_item_open ON bulk_item (bulk, position) WHERE outcome IS NULL;

-- Events that a webhook's receiver has not taken. Of one referral the lowest sequence that is not given up is the next to go; available_at is its lease
-- too, while held_by names the holder; those behind one that is put off have its available_at, so that nobody reads them in vain. refused_at: since when
-- the receiver refuses this one. One that is given up stays until it is taken after all.
CREATE TABLE webhook_outbox (
    webhook       TEXT NOT NULL,
    referral      INTEGER NOT NULL,
    sequence      INTEGER NOT NULL,
    revision      INTEGER NOT NULL,
    position      INTEGER NOT NULL,
    queued_at     INTEGER NOT NULL,
    available_at  INTEGER NOT NULL,
    tries         INTEGER NOT NULL,
    code          TEXT,
    held_by       TEXT,
    refused_at    INTEGER,
    given_up_at   INTEGER,
    PRIMARY KEY (webhook, referral, sequence)
) STRICT, WITHOUT ROWID;
CREATE INDEX webhook_outbox_available ON webhook_outbox (webhook, available_at) WHERE given_up_at IS NULL;
CREATE INDEX webhook_outbox_held ON webhook_outbox (held_by) WHERE held_by IS NOT NULL;
CREATE INDEX webhook_outbox_given_up ON webhook_outbox (webhook) WHERE given_up_at IS NOT NULL;

-- Keys that the page's session cookies are protected with, shared by all replicas. body is sealed with key_id; null: in clear.
CREATE TABLE session_key (
    id      TEXT PRIMARY KEY,
    key_id  TEXT,
    body    BLOB NOT NULL,
    at      INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- Sessions of the page that were ended before their time; until: when they would have ended by themselves.
CREATE TABLE session_end (
    id     TEXT PRIMARY KEY,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
