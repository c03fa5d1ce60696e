"""A site of Netlify and its deploys: made from digests, waited for, restored. Only bytes that Netlify lacks are sent.

https://open-api.netlify.com: createSiteDeploy, uploadDeployFile, getDeploy, listSiteDeploys, restoreSiteDeploy.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote

from ..errors import RemoteFailed
from ..parallel import in_parallel
from ._netlify_calls import NetlifyCalls

UPLOADS_AT_ONCE = 5
MOST_AT_ONCE = 100
"""Files in a deploy that Netlify compares while the request waits; more are compared behind it."""

_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_POLLS = 600
_FAILED = ("error", "rejected")
_COMPARING = ("new", "pending_review", "accepted", "enqueued", "building", "preparing")


@dataclass(frozen=True, slots=True)
class Deploy:
    """One deploy. ``address`` is its own for ever, whatever is published; ``title`` is who made it for what."""

    id: str
    state: str
    title: str
    draft: bool
    created: datetime
    address: str


@dataclass(frozen=True, slots=True)
class Content:
    """One file of a deploy: its digests and its size, and the bytes where they may have to be sent."""

    sha1: str
    sha256: str
    size: int
    content: bytes | None = None


def content_of(content: bytes) -> Content:
    """A file that may have to be sent. Netlify compares by SHA-1; nothing is protected by it."""
    sha1 = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    return Content(sha1, hashlib.sha256(content).hexdigest(), len(content), content)


def write_index(files: Mapping[str, Content]) -> bytes:
    """What is in a deploy, to be put into it: Netlify lists the files of the published deploy only."""
    rows = {path: [one.sha1, one.sha256, one.size] for path, one in sorted(files.items())}
    return (json.dumps(rows, indent=0) + "\n").encode()


def read_index(content: bytes | None) -> dict[str, Content]:
    """The files of a deploy from its index; none where that is not one."""
    try:
        rows = json.loads(content or b"{}")
        return {str(path): Content(str(sha1), str(sha256), int(size)) for path, (sha1, sha256, size) in rows.items()}
    except (AttributeError, TypeError, ValueError):
        return {}


def is_id(site: str) -> bool:
    """Whether this is the id of a site, and not its name or a domain."""
    return bool(_ID.fullmatch(site))


class NetlifySite:
    """One site, by its id, its name, or a domain of it."""

    def __init__(self, name: str, calls: NetlifyCalls, sleep: Callable[[float], None]) -> None:
        self._name = name
        self._calls = calls
        self._sleep = sleep
        self._found: str | None = None

    def paths(self) -> list[str]:
        """The files of the published deploy, by path without the first slash."""
        return [str(one["path"]).lstrip("/") for one in self._calls.get_all(f"/sites/{self._id}/files")]

    def published(self) -> Deploy | None:
        """The deploy that visitors get; None before the first."""
        is_name = "." not in self._name and not is_id(self._name)
        site = self._calls.get(f"/sites/{self._name}{'.netlify.app' if is_name else ''}")
        self._found = str(site["id"])
        raw = site.get("published_deploy")
        return _deploy(raw) if isinstance(raw, dict) else None

    def deploys(self) -> list[Deploy]:
        """The production deploys that are ready, oldest first."""
        listed = self._calls.get_all(f"/sites/{self._id}/deploys?production=true&state=ready&per_page=100")
        found = [_deploy(one) for one in listed]
        return sorted((one for one in found if not one.draft), key=lambda one: one.created)

    def deploy(
        self, files: Mapping[str, Content], title: str, *, draft: bool, sent: Callable[[str], None] = lambda _: None
    ) -> Deploy:
        """Make a deploy of exactly these files and wait until it is ready; ``sent`` is told each path that was sent.

        A draft has an address and is not published. Made twice, because an answer was lost, it is the same again.
        """
        wanted = {f"/{path}": one.sha1 for path, one in sorted(files.items())}
        body = {"files": wanted, "draft": draft, "async": len(wanted) > MOST_AT_ONCE}
        raw = self._calls.post(f"/sites/{self._id}/deploys?title={quote(title)}", body)
        raw = self._until(raw, lambda one: one["state"] not in _COMPARING)
        first = {one.sha1: path for path, one in sorted(files.items(), reverse=True)}
        missing = [first[sha1] for sha1 in raw.get("required") or () if sha1 in first]

        def send(path: str) -> None:
            content = files[path].content
            if content is None:
                raise RemoteFailed(
                    f"Netlify has lost the page {path}", where=self.where, hint="build and publish the site again"
                )
            self._calls.put(f"/deploys/{raw['id']}/files/{quote(path)}", content)

        in_parallel(send, missing, UPLOADS_AT_ONCE, lambda path, _: sent(path))
        return _deploy(self._until(raw, lambda one: one["state"] == "ready"))

    def publish(self, files: Mapping[str, Content], title: str) -> Deploy:
        """Make a deploy that visitors get, in one step."""
        return self._published(self.deploy(files, title, draft=False))

    def restore(self, deploy: Deploy) -> Deploy:
        """Give visitors an earlier deploy, in one step."""
        self._calls.post(f"/sites/{self._id}/deploys/{deploy.id}/restore")
        return self._published(deploy)

    def remove(self, deploy: Deploy) -> None:
        """Delete a deploy."""
        self._calls.delete(f"/deploys/{deploy.id}")

    def page(self, deploy: Deploy, path: str) -> bytes | None:
        """The bytes of a file at a deploy's own address; None where there is none."""
        return self._calls.page(f"{deploy.address}/{quote(path)}")

    def prove(self, draft: Deploy, files: Mapping[str, Content]) -> None:
        """That a draft serves what it was brought: one page of each language and format, as any visitor asks for it."""
        pages = sorted(path for path in files if path.startswith(("errors/", "pages/")))
        chosen = {(path.rpartition("/")[0], path.rpartition("/")[2].partition(".")[2]): path for path in pages}
        for path in chosen.values():
            content = self.page(draft, path)
            if content is None or hashlib.sha256(content).hexdigest() != files[path].sha256:
                raise RemoteFailed(
                    "there is no such page" if content is None else "other bytes are served than were brought",
                    where=f"GET {draft.address}/{path}",
                    hint="nothing was published: switch off what changes pages in Netlify's dashboard (post processing "
                    "of HTML, snippets), then publish again",
                )

    @property
    def where(self) -> str:
        """For messages."""
        return f"netlify {self._name}"

    @property
    def _id(self) -> str:
        if self._found is None:
            self.published()
        return str(self._found)

    def _until(self, raw: dict[str, Any], reached: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Ask for the deploy every second until it is there."""
        for _ in range(_POLLS):
            if raw["state"] in _FAILED:
                raise RemoteFailed(
                    f"the deploy failed: {raw.get('error_message') or raw['state']}",
                    where=self.where,
                    hint=f"look at its log in Netlify's dashboard (deploy {raw['id']}); what was live still is",
                )
            if reached(raw):
                return raw
            self._sleep(1.0)
            raw = self._calls.get(f"/sites/{self._id}/deploys/{raw['id']}")
        raise RemoteFailed(
            f"the deploy is still «{raw['state']}» after {_POLLS} seconds",
            where=self.where,
            hint="see https://www.netlifystatus.com; run the same command again later, it carries on",
        )

    def _published(self, deploy: Deploy) -> Deploy:
        """``deploy``, once it is the published one. Raises RemoteFailed where it does not become that."""
        for _ in range(30):
            if (now := self.published()) is not None and now.id == deploy.id:
                return deploy
            self._sleep(1.0)
        raise RemoteFailed(
            f"the deploy {deploy.id} is ready, and visitors still get another",
            where=self.where,
            hint="publishing is locked to one deploy: unlock it in Netlify's dashboard (Deploys), then publish again",
        )


def _deploy(raw: Mapping[str, Any]) -> Deploy:
    address = (raw.get("links") or {}).get("permalink") or raw.get("deploy_ssl_url") or ""
    return Deploy(
        str(raw["id"]),
        str(raw["state"]),
        str(raw.get("title") or ""),
        bool(raw.get("draft")),
        datetime.fromisoformat(str(raw["created_at"])),
        str(address).rstrip("/"),
    )
