"""The roster (报名汇总表): upload, preview, correct, confirm once (ENR-01 … ENR-05)."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping, Sequence

from django.db import transaction

from foundation.crypto import blind_index
from foundation.errors import DomainError, WrongStateError
from foundation.identifiers.text import tidy
from foundation.scoping import Actor
from foundation.sheets.reader import Limits
from zhupei.catalog.models import Offer
from zhupei.enrollment import admission
from zhupei.enrollment.models import Batch, ImportState, RosterImport
from zhupei.enrollment.roster import CellError, ExtraCheck, RosterRow, RosterVerdict, judge_rows
from zhupei.enrollment.roster_columns import ALL_COLUMNS, ID_NUMBER
from zhupei.enrollment.roster_files import write_marked_roster, write_template
from zhupei.enrollment.roster_reading import RosterFile, corrected, read_roster, rows_from_json, rows_to_json
from zhupei.enrollment.services import storing
from zhupei.organizations.models import Organization
from zhupei.organizations.roles import Capability, require

MOST_ROWS = 20_000


def start_roster(
    actor: Actor, offer: Offer, file_name: str, content: bytes, *, into_plan: bool = False
) -> RosterImport:
    """Keep an uploaded roster for the preview; nobody is enrolled yet (ENR-03).

    Raises DomainError when the organization may not enroll for `offer`, SheetRefusedError when the file is no roster.
    """
    admission.check_offer(actor, offer, into_plan=into_plan)
    file = read_roster(content, Limits(rows=MOST_ROWS))
    return RosterImport.objects.create(
        organization=actor.body,
        offer=offer,
        file_name=file_name[-200:],
        rows=rows_to_json(file.rows),
        row_count=len(file.rows),
        header_row=file.header_row,
        passed_over=file.passed_over,
        created_by=actor.user,
    )


def extra_checks(offer: Offer, organization: Organization | None) -> Sequence[ExtraCheck]:
    """The checks that need the database: already_enrolled and blacklisted, one query each whatever the rows."""

    def already_enrolled(rows: Sequence[RosterRow]) -> Iterator[CellError]:
        indexes = {row.number: blind_index(row.id_number) for row in rows}
        taken = admission.taken(indexes.values(), offer, organization)
        for row in rows:
            if sentence := taken.get(indexes[row.number]):
                yield row.error(ID_NUMBER, "already_enrolled", sentence)

    def blacklisted(rows: Sequence[RosterRow]) -> Iterator[CellError]:
        indexes = {row.number: blind_index(row.id_number) for row in rows}
        barred = admission.barred(indexes.values())
        for row in rows:
            if sentence := barred.get(indexes[row.number]):
                yield row.error(ID_NUMBER, "blacklisted", sentence)

    return already_enrolled, blacklisted


def verdict_of(roster: RosterImport) -> RosterVerdict:
    """The judgment of an import as of now; two queries whatever the rows."""
    organization = roster.organization
    raw = rows_from_json(roster.rows)
    judged = judge_rows(
        raw, organization_name=organization.name, extra_checks=extra_checks(roster.offer, organization)
    )
    return RosterVerdict(judged.rows, RosterFile(raw, header_row=roster.header_row))


def correct_roster(
    actor: Actor, roster: RosterImport, changes: Mapping[int, Mapping[str, str]]
) -> RosterImport:
    """Put corrected cells in: {row number: {column: text}}; unknown rows and columns are ignored (ENR-04)."""
    require(actor, Capability.ENROLL, roster)
    with transaction.atomic():
        locked = _open_import(roster)
        flat = {
            (row, column): tidy(value)
            for row, cells in changes.items()
            for column, value in cells.items()
            if column in ALL_COLUMNS
        }
        fixed = {int(item["row"]): set(item.get("fixed", [])) for item in locked.rows}
        before = rows_from_json(locked.rows)
        after = corrected(before, flat)
        rows = rows_to_json(after)
        for item, old in zip(rows, before, strict=True):
            changed = {name for name, text in item["cells"].items() if old.cells.get(name, "") != text}
            item["fixed"] = sorted(fixed.get(int(item["row"]), set()) | changed)
        locked.rows = rows
        locked.save(update_fields=["rows", "updated_at"])
        return locked


def discard_roster(actor: Actor, roster: RosterImport) -> RosterImport:
    """Give an unconfirmed import up; its rows are forgotten."""
    require(actor, Capability.ENROLL, roster)
    with transaction.atomic():
        locked = _open_import(roster)
        locked.state, locked.rows = ImportState.DISCARDED, []
        locked.save(update_fields=["state", "rows", "updated_at"])
        return locked


def confirm_roster(
    actor: Actor, roster: RosterImport, *, only_good: bool = True, into_plan: bool = False, number: str = ""
) -> Batch:
    """Enroll everybody whose row is good, in one transaction; confirming again returns the same batch (ENR-05).

    With `only_good` off, a single wrong row refuses the whole. A caller with a transaction of his own has taken the
    batch's `number` before it began. Raises DomainError: `no_good_rows`,
    `rows_wrong`, `already_enrolled` (somebody else was faster; items name the rows), and what `check_offer` raises.
    """
    require(actor, Capability.ENROLL, roster)
    done = Batch.objects.filter(roster_import=roster.pk).first()
    if done is not None:
        return done
    number = number or storing.next_batch_number()
    with transaction.atomic():
        locked = _lock(roster)
        if locked.state == ImportState.CONFIRMED and locked.batch is not None:
            return locked.batch
        _refuse_closed(locked)
        admission.check_offer(actor, locked.offer, into_plan=into_plan)
        verdict = verdict_of(locked)
        rows = verdict.good_rows
        if not rows:
            raise DomainError("no_good_rows", "没有可以导入的行，请先改正标红的单元格，再重新核对。")
        if not only_good and len(rows) < len(verdict.rows):
            wrong = len(verdict.rows) - len(rows)
            raise DomainError(
                "rows_wrong", f"还有 {wrong} 行要改，请改正后再导入，或选择只导入没有问题的行。"
            )
        batch = storing.make_batch(actor, locked.offer, number)
        storing.store(actor, batch, rows)
        locked.state, locked.batch = ImportState.CONFIRMED, batch
        left_over = {row.number for row in verdict.bad_rows}
        locked.rows = [item for item in locked.rows if int(item["row"]) in left_over]
        locked.save(update_fields=["state", "batch", "rows", "updated_at"])
        return batch


def marked_roster(roster: RosterImport, *, only_wrong: bool = False) -> bytes:
    """The .xlsx with its wrong cells red and a last column 问题 (ENR-04); works after confirming for the rows left over."""
    out = io.BytesIO()
    write_marked_roster(out, verdict_of(roster), only_wrong=only_wrong)
    return out.getvalue()


def roster_template(organization: Organization | None) -> bytes:
    """The empty .xlsx to fill in (ENR-02), the work unit filled down when it is known."""
    out = io.BytesIO()
    write_template(out, organization_name=organization.name if organization else None)
    return out.getvalue()


def _lock(roster: RosterImport) -> RosterImport:
    rows = RosterImport.objects.select_for_update(of=("self",)).select_related(
        "organization__supervisor__region",
        "offer__occupation__programme",
        "offer__level",
        "offer__institution",
    )
    return rows.get(pk=roster.pk)


def _open_import(roster: RosterImport) -> RosterImport:
    locked = _lock(roster)
    _refuse_closed(locked)
    return locked


def _refuse_closed(roster: RosterImport) -> None:
    if roster.state == ImportState.CONFIRMED:
        raise WrongStateError("这份名单已经导入，不能再改；需要改个人信息的，请到批次里逐人修改。")
    if roster.state == ImportState.DISCARDED:
        raise WrongStateError("这份名单已经放弃，请重新上传名单。")
