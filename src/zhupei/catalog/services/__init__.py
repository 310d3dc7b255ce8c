"""What the provincial authority does to the catalog, and institutions to their offers."""

from zhupei.catalog.services.common import set_active
from zhupei.catalog.services.eligibility import (
    TableDraft,
    add_eligibility_version,
    change_eligibility_version,
    drop_eligibility_version,
    split_majors,
)
from zhupei.catalog.services.figures import (
    add_programme,
    add_rules_version,
    change_rules_version,
    drop_rules_version,
    rename_programme,
)
from zhupei.catalog.services.occupations import (
    add_level,
    add_occupation,
    change_level,
    change_occupation,
    next_occupation_code,
)
from zhupei.catalog.services.offers import add_offers, close_offer, reopen_offer, set_offer

__all__ = [
    "TableDraft",
    "add_eligibility_version",
    "add_level",
    "add_occupation",
    "add_offers",
    "add_programme",
    "add_rules_version",
    "change_eligibility_version",
    "change_level",
    "change_occupation",
    "change_rules_version",
    "close_offer",
    "drop_eligibility_version",
    "drop_rules_version",
    "next_occupation_code",
    "rename_programme",
    "reopen_offer",
    "set_active",
    "set_offer",
    "split_majors",
]
