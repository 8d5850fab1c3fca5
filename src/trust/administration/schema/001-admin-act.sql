-- What administrators and the command line did: to accounts, posts, passwords, rules.  Rows are added and never
-- changed; no statement of the program updates or deletes one.
CREATE TABLE admin_act (
    id ID,
    at INT NOT NULL,
    person INT,                 -- who did it; null: the command line
    post INT,
    role TEXT NOT NULL,         -- in which role; empty: the command line
    what TEXT NOT NULL,         -- account.add, post.appoint, …
    about INT,                  -- the person it was done to
    detail TEXT NOT NULL        -- codes: the role and place of a post
);
