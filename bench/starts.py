"""The start of a process until it could answer, without a database: ours against ``django.setup``."""

from __future__ import annotations

import os
import subprocess
import sys
import time

from bench.machine import ROOT, SERVER_CORE, pinned

OURS = "import bench.started"

DJANGO = """
import sys, types
import django
from django.conf import settings
urls = types.ModuleType("urls")
sys.modules["urls"] = urls
settings.configure(
    SECRET_KEY="bench", ROOT_URLCONF="urls", USE_TZ=True,
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
    INSTALLED_APPS=[f"django.contrib.{name}" for name in
                    ("admin", "auth", "contenttypes", "sessions", "messages", "staticfiles")],
    MIDDLEWARE=["django.middleware.security.SecurityMiddleware",
                "django.contrib.sessions.middleware.SessionMiddleware",
                "django.middleware.common.CommonMiddleware",
                "django.middleware.csrf.CsrfViewMiddleware",
                "django.contrib.auth.middleware.AuthenticationMiddleware",
                "django.contrib.messages.middleware.MessageMiddleware"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True, "OPTIONS":
                {"context_processors": ["django.template.context_processors.request",
                                        "django.contrib.auth.context_processors.auth",
                                        "django.contrib.messages.context_processors.messages"]}}],
)
django.setup()
from django.contrib import admin
from django.urls import path, resolve
urls.urlpatterns = [path("admin/", admin.site.urls)]
resolve("/admin/")
from django.core.wsgi import get_wsgi_application
get_wsgi_application()
"""
"""The apps and middlewares of a new project, its admin routed and its application made."""


def seconds(code: str) -> float:
    """CPU of a new process that runs that code, user and system together."""
    # Both start from compiled files, as an installed program does.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    began = os.times()
    subprocess.run(pinned([sys.executable, "-c", code], SERVER_CORE), cwd=ROOT, check=True, env=environment)
    ended = os.times()
    return ended.children_user + ended.children_system - began.children_user - began.children_system


def pairs(rounds: int) -> list[tuple[float, float]]:
    """(ours, Django's) in turn, after one of each that compiles and fills the caches of the disk."""
    seconds(OURS)
    seconds(DJANGO)
    measured = []
    for _ in range(rounds):
        time.sleep(0.1)
        measured.append((seconds(OURS), seconds(DJANGO)))
    return measured
