-- Personal and private values, sealed.  A row can be erased without touching the event it belongs to: the
-- event holds only a salted commitment, and the salt is in here with the value.
CREATE TABLE sealed (
    kind TEXT NOT NULL,     -- what owns it: matter, person, draft
    owner INT NOT NULL,
    n INT NOT NULL,         -- the owner's event, or 0
    field TEXT NOT NULL,
    blob BYTES NOT NULL,
    mark BYTES,             -- keyed hash, where the value must be found again (identity number, telephone)
    PRIMARY KEY (kind, owner, n, field)
) KEYED;
CREATE INDEX sealed_by_mark ON sealed (mark) WHERE mark IS NOT NULL;

-- Every look at a sealed value in clear: who, in which post, and why.
CREATE TABLE look (
    id ID,
    at INT NOT NULL,
    person INT NOT NULL,
    post INT NOT NULL,
    role TEXT NOT NULL,
    body INT,
    kind TEXT NOT NULL,
    owner INT NOT NULL,
    field TEXT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX look_by_owner ON look (kind, owner, at);
CREATE INDEX look_by_person ON look (person, at);
