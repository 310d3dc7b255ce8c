"""An examinee's machine in tests: a browser with cookies and the CSRF token, talking to the API as the page does."""

from __future__ import annotations

import json
from typing import Any

from django.test import Client

from zhupei.demo.exam_hall import Sitter
from zhupei.exam.hall.models import Attempt, ExamEvent
from zhupei.exam.papers.models import Paper

API = "/exam/api/"


class Machine:
    """One machine; every answer's text is kept, so that a test can look through all that ever left the server."""

    def __init__(self, sitter: Sitter | None = None) -> None:
        self.client = Client(enforce_csrf_checks=True)
        self.sitter = sitter
        self.heard: list[str] = []
        self.status = 0
        self.csrf = ""
        self.csrf = self.get("session")["csrf"]

    def get(self, path: str) -> dict[str, Any]:
        return self._take(self.client.get(API + path))

    def post(self, path: str, body: Any = None) -> dict[str, Any]:
        return self.send("POST", path, body)

    def send(self, method: str, path: str, body: Any = None, **headers: str) -> dict[str, Any]:
        data = b"" if body is None else json.dumps(body).encode()
        answer = self.client.generic(
            method, API + path, data, "application/json", headers={"X-CSRFToken": self.csrf, **headers}
        )
        return self._take(answer)

    def _take(self, answer: Any) -> dict[str, Any]:
        self.status = answer.status_code
        self.headers = answer.headers
        self.heard.append(answer.content.decode())
        assert answer["Content-Type"] == "application/json"
        assert answer["Cache-Control"] == "no-store"
        found: dict[str, Any] = json.loads(answer.content)
        return found

    def sign_in(self, sitter: Sitter | None = None) -> dict[str, Any]:
        self.sitter = sitter or self.sitter
        assert self.sitter is not None
        return self.post("sign-in", {"ticket": self.sitter.ticket, "id_number": self.sitter.id_number})

    def start(self) -> dict[str, Any]:
        return self.post("start")

    def save(self, version: int, answers: dict[str, Any]) -> dict[str, Any]:
        return self.send("PUT", "answers", {"version": version, "answers": answers})

    def submit(self) -> dict[str, Any]:
        return self.post("submit")

    def refused(self, answer: dict[str, Any]) -> tuple[int, str]:
        """Status and code of a refusal, after a look at its sentence."""
        assert self.status >= 400, answer
        assert set(answer) >= {"code", "message"}
        assert answer["message"].endswith("。") or "原因：" in answer["message"]
        assert not any(letter.isascii() and letter.isalpha() for letter in answer["message"])
        return self.status, answer["code"]


def at_work(sitter: Sitter) -> tuple[Machine, dict[str, Any]]:
    """A machine with the paper before it."""
    machine = Machine(sitter)
    machine.sign_in()
    paper = machine.start()
    assert machine.status == 200, paper
    return machine, paper


def attempt_of(sitter: Sitter) -> Attempt:
    return Attempt.objects.get(candidate=sitter.candidate)


def kinds(sitter: Sitter) -> list[str]:
    return list(ExamEvent.objects.filter(candidate=sitter.candidate).values_list("kind", flat=True))


def right_answers(sitter: Sitter) -> dict[str, list[str]]:
    key = Paper.objects.get(candidate=sitter.candidate).key
    return {str(n): entry["answer"] for n, entry in enumerate(key, start=1)}
