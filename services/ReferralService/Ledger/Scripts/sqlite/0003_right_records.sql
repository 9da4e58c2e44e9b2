-- Disclosures: who was told what about whom. Only additions: the build before this one runs beside it.

-- One row for each package made; it is a disclosure when the timeline says that the package was delivered. Kept longer than the package.
-- patient: a keyed digest, to find a patient's rows by and for nothing else. body: the facts, sealed with key_id; null: in clear.
CREATE TABLE disclosure (
    number      INTEGER PRIMARY KEY,
    package_id  TEXT NOT NULL UNIQUE,
    patient     TEXT NOT NULL,
    key_id      TEXT,
    body        BLOB NOT NULL
) STRICT;
CREATE INDEX disclosure_patient ON disclosure (patient, number);
CREATE INDEX disclosure_key ON disclosure (key_id);
CREATE INDEX timeline_delivered ON timeline (package_id) WHERE event = 'delivered';
CREATE INDEX timeline_delivered_at ON timeline (at, package_id) WHERE event = 'delivered';
