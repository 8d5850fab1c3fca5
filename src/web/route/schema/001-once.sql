-- Replies to forms that were sent: the same form arriving again gets the same reply and does nothing.
-- Written in the transaction of what the form did.
CREATE TABLE once (
    actor TEXT NOT NULL,          -- account, draft or "anyone"
    key TEXT NOT NULL,            -- the number the form carried
    request_hash BYTES NOT NULL,
    at INT NOT NULL,
    location TEXT NOT NULL,
    matter INT,                   -- whose page the reply lets the visitor see
    PRIMARY KEY (actor, key)
) KEYED;
CREATE INDEX once_by_time ON once (at);
