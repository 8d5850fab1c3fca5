CREATE TABLE flow_version (
    id ID,
    flow TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE,
    source TEXT NOT NULL,
    since INT NOT NULL
);

CREATE TABLE matter (
    id ID,
    number TEXT NOT NULL UNIQUE,
    flow TEXT NOT NULL,
    version INT NOT NULL,
    family TEXT NOT NULL,
    subject TEXT NOT NULL,
    state TEXT NOT NULL,
    holder TEXT NOT NULL,
    raised TEXT NOT NULL,
    place INT NOT NULL,
    path TEXT NOT NULL,
    body INT,
    parent INT,
    channel TEXT NOT NULL,
    code_mark BYTES,
    opened_at INT NOT NULL,
    entered_at INT NOT NULL,
    changed_at INT NOT NULL,
    closed_at INT,
    events INT NOT NULL,           -- number of the last event: gap-free, and the optimistic lock
    due_at INT,
    due_provisional FLAG NOT NULL,
    visits INT NOT NULL
);
CREATE INDEX matter_by_parent ON matter (parent) WHERE parent IS NOT NULL;
CREATE INDEX matter_open_by_state ON matter (flow, state) WHERE closed_at IS NULL;

-- Open matters on the desks where they wait: role and the place (or the body, negative) of the post.
CREATE TABLE waiting (
    role TEXT NOT NULL,
    desk INT NOT NULL,
    due_at INT NOT NULL,
    matter INT NOT NULL,
    PRIMARY KEY (role, desk, due_at, matter)
) KEYED;
CREATE INDEX waiting_by_matter ON waiting (matter);

-- Figures: one delta row with each event, folded by a job, summed on reading.
CREATE TABLE tally_delta (
    id ID,
    flow TEXT NOT NULL,
    from_state TEXT NOT NULL,
    to_state TEXT NOT NULL
);
CREATE TABLE tally (
    flow TEXT NOT NULL,
    state TEXT NOT NULL,
    n INT NOT NULL,
    PRIMARY KEY (flow, state)
) KEYED;
