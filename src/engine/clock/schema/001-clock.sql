-- A term that runs on a matter.  Due times are stored and indexed; they are recomputed when the matter moves
-- or the calendar changes, and never found by reading history.
CREATE TABLE clock (
    matter INT NOT NULL,
    name TEXT NOT NULL,
    started_at INT NOT NULL,
    n INT NOT NULL,                -- the term, extensions included
    counting TEXT NOT NULL,
    state TEXT NOT NULL,           -- running, paused, stopped
    due_day INT NOT NULL,
    due_at INT NOT NULL,
    provisional FLAG NOT NULL,     -- reaches into a year whose working days are not published
    known_until INT NOT NULL,      -- last published day when it was computed: the calendar's version
    PRIMARY KEY (matter, name)
) KEYED;

CREATE TABLE clock_pause (
    matter INT NOT NULL,
    name TEXT NOT NULL,
    first_day INT NOT NULL,
    last_day INT,                  -- empty while it lasts
    PRIMARY KEY (matter, name, first_day)
) KEYED;

-- Due times that moved without a step: what they were, what they are, and why.
CREATE TABLE clock_change (
    id ID,
    matter INT NOT NULL,
    name TEXT NOT NULL,
    at INT NOT NULL,
    old_due_at INT NOT NULL,
    new_due_at INT NOT NULL,
    reason TEXT NOT NULL
);
CREATE INDEX clock_change_by_matter ON clock_change (matter);

-- Steps that take themselves.  n is the timer's place in the flow file.
CREATE TABLE timer (
    matter INT NOT NULL,
    n INT NOT NULL,
    at INT NOT NULL,
    tries INT NOT NULL,            -- -1: it went off, and stays as the time the holder was due
    is_term FLAG NOT NULL,         -- the holder must act by then; otherwise it only reminds
    PRIMARY KEY (matter, n)
) KEYED;
CREATE INDEX timer_by_time ON timer (at) WHERE tries >= 0;
