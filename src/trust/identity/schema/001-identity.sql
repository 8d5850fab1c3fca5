-- Persons of the house: staff, later residents with accounts.  The name is sealed (kind person, n 0).
CREATE TABLE person (
    id ID,
    created_at INT NOT NULL
);

CREATE TABLE account (
    id ID,
    person INT NOT NULL UNIQUE,
    login TEXT NOT NULL UNIQUE,
    secret TEXT NOT NULL,          -- Argon2id; empty until one is set
    secret_at INT NOT NULL,
    failed INT NOT NULL,           -- sign-ins in a row
    locked_until INT NOT NULL,
    disabled FLAG NOT NULL,
    created_at INT NOT NULL
);

-- A person in a role at a body, for a place and everything inside it, for a time.
CREATE TABLE post (
    id ID,
    person INT NOT NULL,
    role TEXT NOT NULL,
    body INT,
    place INT NOT NULL,
    path TEXT NOT NULL,            -- of the place
    since INT NOT NULL,
    until INT
);
CREATE INDEX post_by_person ON post (person);
CREATE INDEX post_by_role ON post (role, path);

CREATE TABLE session (
    token_hash BYTES NOT NULL PRIMARY KEY,
    account INT NOT NULL,
    person INT NOT NULL,
    post INT,
    idle_minutes INT NOT NULL,
    created_at INT NOT NULL,
    seen_at INT NOT NULL
);
CREATE INDEX session_by_account ON session (account);

-- Sign-ins, good and bad, for those who look after security.  No names: the account's id.
CREATE TABLE sign_in (
    id ID,
    at INT NOT NULL,
    account INT,
    outcome TEXT NOT NULL          -- good, wrong, locked, disabled, unknown
);
