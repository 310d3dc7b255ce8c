"""Paper forms of an organization's registration."""

from zhupei.organizations.forms.commitment_letter import (
    COMMITMENT_LETTER_BLANK,
    CommitmentLetter,
    commitment_letter_docx,
    commitment_letter_pdf,
)

__all__ = [
    "COMMITMENT_LETTER_BLANK",
    "CommitmentLetter",
    "commitment_letter_docx",
    "commitment_letter_pdf",
]
