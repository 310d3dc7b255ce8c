"""The paperless exam: question bank, papers, attempts, practice, scores; each room keeps its own models."""

from zhupei.exam.bank import models as bank
from zhupei.exam.hall import models as hall
from zhupei.exam.papers import models as papers
from zhupei.exam.practice import models as practice
from zhupei.exam.scores import models as scores

__all__ = ["bank", "hall", "papers", "practice", "scores"]
