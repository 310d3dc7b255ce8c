"""Public pages show the same to everybody, signed in or not: they look through a visitor's eyes."""

from foundation.scoping import Actor

PUBLIC = Actor(portal="visitor")
