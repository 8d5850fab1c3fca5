"""linli verify: content with a whole district, and for each kind of damage the record that is damaged is named."""
import house
from house import ask, change, district, does, promise, refuses, refuses_in_both

CASE = "SELECT id, number FROM matter WHERE state = 'closed' ORDER BY id LIMIT 1"
# One that waits until a moment which no timer has put off.
WAITS = "SELECT m.id, m.number FROM waiting w JOIN matter m ON m.id = w.matter WHERE w.due_at < 9000000000000" \
        " AND NOT EXISTS (SELECT 1 FROM timer t WHERE t.matter = m.id AND t.tries > 0) ORDER BY m.id LIMIT 1"


def case(db, which=CASE):
    return ask(db, which)[0]


@promise
def a_whole_district_is_whole_and_looking_changes_nothing(folder):
    for kind in ("demo", "town", "empty"):
        db = district(folder, kind)
        before = house.dump(db)
        events = len(before["event"])
        ran = does("verify", "--db", db)
        assert ran.out == f"{events} events are whole, every figure agrees\n" and ran.err == "", ran
        assert house.dump(db) == before


def damage(name, says, sql, which=CASE):
    """A promise: after this change of one case (?1 its id) verify names it. {number} stands for its number."""
    def verify_names_it(folder):
        db = district(folder)
        matter, number = case(db, which)
        change(db, sql, *([matter] * sql.count("?")))
        refuses_in_both("verify", "--db", db, says=says.replace("{number}", number).replace("{id}", str(matter)))
    verify_names_it.__name__ = "verify_names_" + name
    verify_names_it.__module__ = __name__
    promise(verify_names_it)


ONE_BYTE_OF_A_BLOB = "CAST(substr(blob, 1, 30) || CASE substr(blob, 31, 1) WHEN x'00' THEN x'01' ELSE x'00' END" \
                     " || substr(blob, 32) AS BLOB)"

damage("an_event_whose_canon_has_one_other_byte", "Event 2 of case {number} differs",
       "UPDATE event SET canon = replace(canon, '\"at\":1', '\"at\":2') WHERE matter = ? AND n = 2")
damage("an_event_whose_canon_cannot_be_read", "Event 2 of the case with the id {id}",
       "UPDATE event SET canon = substr(canon, 1, 50) WHERE matter = ? AND n = 2")
damage("an_event_whose_public_value_changed", "{number}",
       "UPDATE event SET canon = replace(canon, '\"step\":\"', '\"step\":\"x') WHERE matter = ? AND n = 1")
damage("an_event_taken_away", "Before event 3 of case {number} one is missing",
       "DELETE FROM event WHERE matter = ? AND n = 2")
damage("a_last_event_taken_away", "{number} does not stand where its events lead",
       "DELETE FROM event WHERE id = (SELECT MAX(id) FROM event WHERE matter = ?)")
damage("a_history_taken_away", "{number} does not stand where its events lead", "DELETE FROM event WHERE matter = ?")
damage("a_role_changed", "Event 2 of case {number} differs", "UPDATE event SET role = 'x' WHERE matter = ? AND n = 2")
damage("a_person_changed", "of case {number} differs",
       "UPDATE event SET person = person + 1 WHERE matter = ? AND person IS NOT NULL")
damage("a_class_changed", "Event 2 of {number} does not fit", "UPDATE event SET class = 'x' WHERE matter = ? AND n = 2")
damage("a_sealed_value_with_one_other_byte", "{number}, event 1, ",
       f"UPDATE sealed SET blob = {ONE_BYTE_OF_A_BLOB} WHERE kind = 'matter' AND owner = ? AND n = 1")
damage("a_sealed_value_under_a_key_that_is_not_there", "{number}, event 1, ",
       "UPDATE sealed SET blob = CAST(x'0100000063' || substr(blob, 6) AS BLOB) WHERE kind = 'matter' AND owner = ? AND n = 1")
damage("a_sealed_value_put_in_anothers_place", "{number}, event 1, applicant_name",
       "UPDATE sealed SET blob = (SELECT s.blob FROM sealed s WHERE s.kind = 'matter' AND s.field = 'applicant_name'"
       " AND s.owner <> sealed.owner LIMIT 1) WHERE kind = 'matter' AND owner = ? AND field = 'applicant_name'",
       "SELECT id, number FROM matter WHERE id = (SELECT MIN(owner) FROM sealed WHERE field = 'applicant_name')")
damage("a_state_changed", "{number} does not stand", "UPDATE matter SET state = 'review' WHERE id = ?")
damage("a_holder_changed", "{number} does not stand", "UPDATE matter SET holder = 'x' WHERE id = ?")
damage("a_moment_of_opening_changed", "{number} does not stand", "UPDATE matter SET opened_at = opened_at + 1 WHERE id = ?")
damage("a_moment_of_closing_changed", "{number} does not stand", "UPDATE matter SET closed_at = closed_at + 1 WHERE id = ?")
damage("a_number_changed", "Event 1 of 510105-X does not fit", "UPDATE matter SET number = '510105-X' WHERE id = ?")
damage("a_desk_row_taken_away", "{number} does not wait on the desks", "DELETE FROM waiting WHERE matter = ?", WAITS)
damage("a_desk_row_moved", "{number} does not wait", "UPDATE waiting SET due_at = due_at + 1 WHERE matter = ?", WAITS)
damage("a_desk_row_put_in", "{number} does not wait",
       "INSERT INTO waiting SELECT role, desk, due_at, ? FROM waiting LIMIT 1")
damage("a_due_time_changed", "{number} does not wait", "UPDATE matter SET due_at = due_at + 60000 WHERE id = ?", WAITS)
damage("a_figure_that_lost_its_case", "closed differs from a recount", "DELETE FROM matter WHERE id = ?",
       "SELECT id, number FROM matter WHERE state = 'closed' AND flow = 'application' LIMIT 1")


@promise
def verify_names_a_figure_changed(folder):
    db = district(folder)
    flow, state = ask(db, "SELECT flow, state FROM tally WHERE n > 0 LIMIT 1")[0]
    change(db, "UPDATE tally SET n = n + 1 WHERE flow = ? AND state = ?", flow, state)
    refuses_in_both("verify", "--db", db, says=f"{flow}/{state} differs from a recount by 1")


@promise
def verify_says_when_the_file_itself_is_damaged(folder):
    db = district(folder)
    content = bytearray(house.read_bytes(db))
    for page in range(40, 60):
        content[page * 4096:page * 4096 + 64] = b"\xff" * 64
    with open(db, "wb") as f:
        f.write(content)
    refuses_in_both("verify", "--db", db, says="damaged")


@promise
def a_value_that_was_erased_is_no_damage(folder):
    db = district(folder)
    matter, _ = case(db, "SELECT owner, 0 FROM sealed WHERE field = 'applicant_name' LIMIT 1")
    change(db, "DELETE FROM sealed WHERE kind = 'matter' AND owner = ? AND field <> '_post'", matter)
    does("verify", "--db", db)
    refuses("verify", "--db", db, "--keys", f"{folder}/none", says="no key file")
