"""The paperless exam: question bank, papers, attempts, practical part, scores."""

from zhupei.exam.models.attempts import Answer, Attempt, Entry, EventKind, ExamEvent
from zhupei.exam.models.bank import (
    Blueprint,
    BlueprintRow,
    Chapter,
    Difficulty,
    Question,
    QuestionImport,
    QuestionType,
    QuestionVersion,
    VersionState,
)
from zhupei.exam.models.papers import Paper, PaperSet
from zhupei.exam.models.practice import Practice
from zhupei.exam.models.scores import (
    AppealState,
    PracticalScore,
    ScoreAppeal,
    ScoreLine,
    ScoreMark,
    ScoreReport,
)
from zhupei.exam.models.states import AttemptState

__all__ = [
    "Answer",
    "AppealState",
    "Attempt",
    "AttemptState",
    "Blueprint",
    "BlueprintRow",
    "Chapter",
    "Difficulty",
    "Entry",
    "EventKind",
    "ExamEvent",
    "Paper",
    "PaperSet",
    "PracticalScore",
    "Practice",
    "Question",
    "QuestionImport",
    "QuestionType",
    "QuestionVersion",
    "ScoreAppeal",
    "ScoreLine",
    "ScoreMark",
    "ScoreReport",
    "VersionState",
]
