"""Examinees that save all the time, as the page does: one change under way, the same again until it is confirmed."""

from __future__ import annotations

import http.client
import json
import random
import threading
import time
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any

PAUSE_S = (0.05, 0.25)  # between two changes
RETRY_S = 0.3
TIMEOUT_S = 15


@dataclass
class Examinee:
    """One person at one machine. Keeps what it sent and what was confirmed, to compare with the database."""

    ticket: str
    id_number: str
    port: int
    rng: random.Random
    cookies: SimpleCookie = field(default_factory=SimpleCookie)
    token: str = ""
    version: int = 0
    letters: dict[str, list[str]] = field(default_factory=dict)
    # (question, stored version) → letters.
    sent: dict[tuple[int, int], str] = field(default_factory=dict)
    # Question → highest stored version that was confirmed.
    confirmed: dict[int, int] = field(default_factory=dict)
    confirmations: int = 0
    failures: int = 0
    refusals: list[str] = field(default_factory=list)
    line: http.client.HTTPConnection | None = None

    def ask(self, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Status and document. Raises OSError, HTTPException when nobody answers."""
        if self.line is None:
            self.line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        headers = {"Cookie": cookies, "X-CSRFToken": self.token, "Content-Type": "application/json"}
        try:
            self.line.request(method, f"/exam/api/{path}", json.dumps(body) if body else None, headers)
            answer = self.line.getresponse()
            document = json.loads(answer.read() or b"null")
        except BaseException:
            self.line.close()
            self.line = None
            raise
        for header in answer.headers.get_all("Set-Cookie", []):
            self.cookies.load(header)
        return answer.status, document

    def sit_down(self) -> None:
        """Sign in and get the paper."""
        self.token = self.ask("GET", "session")[1]["csrf"]
        status, document = self.ask("POST", "sign-in", {"ticket": self.ticket, "id_number": self.id_number})
        assert status == 200, document
        status, paper = self.ask("POST", "start")
        assert status == 200, paper
        self.version = paper["version"]
        self.letters = {
            question["id"]: [option["key"] for option in question["options"]]
            for question in paper["questions"]
        }

    def work(self, stop: threading.Event) -> None:
        """Change answers until told to stop; then finish the change that is under way."""
        while not stop.is_set():
            number = self.rng.choice(list(self.letters))
            self.save({number: [self.rng.choice(self.letters[number])]})
            time.sleep(self.rng.uniform(*PAUSE_S))

    def save(self, answers: dict[str, list[str]]) -> None:
        """Try until it is confirmed. Somebody who changes his mind meanwhile sends that as a newer change."""
        for _ in range(100):
            for number, letters in answers.items():
                self.sent[int(number), self.version + 1] = letters[0]
            status = self._try(answers)
            if status == 200:
                return
            time.sleep(RETRY_S)
            if self.rng.random() < 0.3:
                answers = {number: [self.rng.choice(self.letters[number])] for number in answers}
                self.version += 1
        self.refusals.append("given up")

    def _try(self, answers: dict[str, list[str]]) -> int:
        try:
            status, document = self.ask("PUT", "answers", {"version": self.version, "answers": answers})
        except (OSError, http.client.HTTPException):
            self.failures += 1
            return 0
        if status == 200:
            self.confirmations += 1
            for number in answers:
                self.confirmed[int(number)] = max(self.confirmed.get(int(number), 0), self.version + 1)
            self.version = max(self.version, document["version"])
        elif status == 503:
            self.failures += 1
        else:
            self.refusals.append(f"{status} {document}")
        return status
