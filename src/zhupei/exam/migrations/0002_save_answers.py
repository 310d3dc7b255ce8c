"""The function that stores saves (EXM-05); zhupei.exam.hall.saving calls it, one call a batch.

A function, because it takes two statements in one round trip and no state of the session: first the locks, then what
was committed before we had them. (Each statement of a VOLATILE function sees its own snapshot at READ COMMITTED.)
"""

from django.db import migrations

# Nobody is waited for: whose attempt is just being submitted ('busy') is tried again later and holds nobody up.
# Rows are stored in the order of their keys, so that two batches never wait for each other in a circle.
# `in_step` = the caller knows the attempt's latest version to be the one the change is based on; otherwise, or where
# a newer answer won, the answers are looked through for it.
# The settings make the plan the same whatever the statistics say: look up by key, join by hash.
CREATE = """
CREATE FUNCTION exam_save(
    attempts bigint[], entries uuid[], versions bigint[], in_step boolean[],
    places integer[], numbers smallint[], letters text[]
)
RETURNS TABLE (verdict text, stored_version bigint, moment double precision, remaining_s integer)
LANGUAGE plpgsql VOLATILE
SET plan_cache_mode = force_generic_plan
SET enable_seqscan = off
SET enable_nestloop = off
SET enable_mergejoin = off
SET lock_timeout = '3s'
AS $$
#variable_conflict use_column
DECLARE
    held_ids bigint[];
    clock timestamptz;
BEGIN
    SELECT coalesce(array_agg(wanted.id) FILTER (WHERE pg_try_advisory_xact_lock_shared(wanted.id)), '{}')
    INTO held_ids
    FROM unnest(attempts) AS wanted (id);

    clock := clock_timestamp();

    RETURN QUERY
    WITH held AS MATERIALIZED (
        SELECT attempt.id, attempt.entry_id, attempt.month, attempt.state, attempt.ends_at
        FROM exam_attempt AS attempt
        WHERE attempt.id = ANY (held_ids)
    ),
    change AS MATERIALIZED (
        SELECT sent.place, sent.version, sent.attempt_id, sent.is_in_step, held.month,
            floor(extract(epoch FROM held.ends_at - clock))::integer AS remaining,
            CASE
                WHEN held.id IS NULL THEN 'busy'
                WHEN held.entry_id IS DISTINCT FROM sent.entry_id THEN 'moved'
                WHEN held.state = 'admitted' THEN 'not_started'
                WHEN held.state <> 'in_progress' OR held.ends_at <= clock THEN 'over'
                ELSE 'saved'
            END AS verdict
        FROM unnest(attempts, entries, versions, in_step)
            WITH ORDINALITY AS sent (attempt_id, entry_id, version, is_in_step, place)
        LEFT JOIN held ON held.id = sent.attempt_id
    ),
    choice AS MATERIALIZED (
        SELECT change.month, change.attempt_id, change.version, sent.number, sent.letters
        FROM unnest(places, numbers, letters) AS sent (place, number, letters)
        JOIN change ON change.place = sent.place
        WHERE change.verdict = 'saved'
    ),
    stored AS (
        INSERT INTO exam_answer (month, attempt_id, number, choice, version, saved_at)
        SELECT choice.month, choice.attempt_id, choice.number, choice.letters, choice.version + 1, clock
        FROM choice
        ORDER BY choice.month, choice.attempt_id, choice.number
        ON CONFLICT (month, attempt_id, number) DO UPDATE
        SET choice = excluded.choice, version = excluded.version, saved_at = excluded.saved_at
        WHERE exam_answer.version <= excluded.version
        RETURNING attempt_id, number
    ),
    lost AS (
        SELECT choice.attempt_id FROM choice
        LEFT JOIN stored ON stored.attempt_id = choice.attempt_id AND stored.number = choice.number
        WHERE stored.number IS NULL
    )
    SELECT change.verdict,
        CASE
            WHEN change.verdict <> 'saved' THEN NULL
            WHEN change.is_in_step AND change.attempt_id NOT IN (SELECT lost.attempt_id FROM lost)
                THEN change.version + 1
            ELSE greatest(
                change.version + 1,
                (
                    SELECT max(answer.version) FROM exam_answer AS answer
                    WHERE answer.month = change.month AND answer.attempt_id = change.attempt_id
                )
            )
        END,
        extract(epoch FROM clock)::double precision,
        change.remaining
    FROM change
    ORDER BY change.place;
END
$$
"""


class Migration(migrations.Migration):

    dependencies = [("exam", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION exam_save")]
