"""Random acts of a person through the API, and what a person sees of a library."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

SHELVES = ("timeline", "hidden", "trash", "missing", "removed")
WORDS = ("sea", "sun", "Berlin", "a/b", 'q"uote', "ünï")


async def look(client: httpx.AsyncClient, *, ids: bool = True) -> dict[str, Any]:
    """Everything that a person sees; without `ids` what a rebuilt library must show too."""
    assets: dict[str, Any] = {}
    for shelf in SHELVES:
        listed = (
            await client.get("/api/v1/assets", params={"q": f"in:{shelf}", "limit": 1000})
        ).json()
        assert listed["total"] == len(listed["assets"]), shelf
        for one in listed["assets"]:
            assets[one["id"]] = (await client.get(f"/api/v1/assets/{one['id']}")).json()
    albums = (await client.get("/api/v1/albums")).json()["albums"]
    members = {}
    for album in albums:
        if album["query"] is None:
            found = await client.get(
                "/api/v1/assets", params={"q": f"album:{album['id']}", "order": "album"}
            )
            members[album["id"]] = [one["id"] for one in found.json()["assets"]]
    if not ids:
        _leave_out(assets, albums)
    return {"assets": assets, "albums": albums, "members": members}


def _leave_out(assets: dict[str, Any], albums: list[dict[str, Any]]) -> None:
    """What names rows of one database: files, tags; and when an asset came into it."""
    for asset in assets.values():
        del asset["added_at"]
        for part in (*asset["files"], *asset["tags"]):
            del part["id"]
        asset["files"].sort(key=lambda file: file["path"])
    for album in albums:
        del album["created_at"]


@dataclass
class Person:
    """Does one random act after another; `acts` are the numbers of those that changed something."""

    client: httpx.AsyncClient
    chance: random.Random
    originals: bool = True
    acts: list[int] = field(default_factory=list)

    async def act(self) -> None:
        """One act, of any kind."""
        deeds = [self._edit] * 12 + [self._album] * 8 + [self._group] * 3
        if self.originals:
            deeds += [self._dispose] * 3
        await self.chance.choice(deeds)()

    async def _send(self, method: str, path: str, body: Any = None) -> Any:
        answer = await self.client.request(
            method, "/api/v1" + path, json=body if method != "DELETE" else None
        )
        assert answer.status_code < 300 or answer.status_code in {400, 404, 409}, answer.text
        content = answer.json()
        if answer.is_success and content.get("act") is not None:
            self.acts.append(content["act"])
        return content

    async def _assets(self, shelf: str = "timeline") -> list[Any]:
        found = await self.client.get("/api/v1/assets", params={"q": f"in:{shelf}"})
        return list(found.json()["assets"])

    async def _some(self, shelf: str = "timeline", high: int = 4) -> list[str]:
        ids = [one["id"] for one in await self._assets(shelf)]
        self.chance.shuffle(ids)
        return ids[: self.chance.randint(1, high)]

    async def _edit(self) -> None:
        pick = self.chance.choice
        ids = await self._some(pick(("timeline", "timeline", "hidden")))
        if not ids:
            return
        values: dict[str, Any] = {
            "title": pick((None, "One", "Two <b>", "Drei & vier")),
            "description": pick((None, "Line\nand line", "Text")),
            "rating": pick((None, -1, 0, 3, 5)),
            "favourite": pick((True, False)),
            "hidden": pick((True, False, False)),
            "rotation": pick((0, 90, 180, 270)),
            "gps": pick((None, {"lat": 52.52, "lon": 13.4}, {"lat": -33.9, "lon": 151.2})),
            "captured": {"local": pick(("2001-01-01T00:00:00", "1999-12-31T23:59:59.5"))},
        }
        wishes: list[dict[str, Any]] = [
            {"set": {name: values[name] for name in self.chance.sample(sorted(values), 2)}},
            {"set": {name: values[name] for name in self.chance.sample(sorted(values), 1)}},
            {"add_keywords": self.chance.sample(WORDS, 2)},
            {"remove_keywords": [pick((*WORDS, "Lisbon", "tram"))]},
            {"shift_s": pick((-3600, 86400))},
            {"offset": pick(("+02:00", "-09:30", None))},
            {"rotate": pick((90, 180, 270))},
            {"reset": [pick(("title", "rating", "captured", "keywords", "gps", "hidden"))]},
        ]
        await self._send("PATCH", "/assets", {"ids": ids, **pick(wishes)})

    async def _album(self) -> None:
        albums = (await self.client.get("/api/v1/albums")).json()["albums"]
        ids, chance = await self._some(), self.chance
        if len(albums) < 3 or chance.random() < 0.1:
            body: dict[str, Any] = {"name": chance.choice(("Trip", "Zoo", "Home")), "ids": ids}
            if chance.random() < 0.2:
                body = {"name": "Found", "query": chance.choice(("type:video", "sea"))}
            await self._send("POST", "/albums", body)
            return
        album, other = (chance.choice(albums)["id"] for _ in range(2))
        path = f"/albums/{album}"
        deed = chance.randrange(8)
        if deed == 0:
            await self._send("DELETE", path)
        elif deed == 1:
            wish = {"name": chance.choice(("A", "B")), "description": chance.choice((None, "d"))}
            await self._send("PATCH", path, wish)
        elif deed == 2:
            await self._send("PATCH", path, {"parent": chance.choice((None, other))})
        elif deed == 3:
            await self._send("PATCH", path, {"before": chance.choice((None, other))})
        elif deed == 4 and ids:
            await self._send("PATCH", path, {"cover": chance.choice((None, ids[0]))})
        elif deed == 5 and ids:
            await self._send("POST", f"{path}/remove", {"ids": ids})
        elif ids:
            before = chance.choice((None, *await self._some()))
            await self._send("POST", f"{path}/add", {"ids": ids, "before": before})

    async def _group(self) -> None:
        many = [one for one in await self._assets() if len(one["files"]) > 1]
        if many and self.chance.random() < 0.6:
            asset = self.chance.choice(many)
            file_id = self.chance.choice(asset["files"])["id"]
            if self.chance.random() < 0.5:
                body = {"file_id": self.chance.choice((file_id, None))}
                await self._send("POST", f"/assets/{asset['id']}/shown", body)
            else:
                body = {"id": asset["id"], "file_ids": [file_id]}
                await self._send("POST", "/assets/split", body)
            return
        ids = await self._some()
        if len(ids) > 1:
            await self._send("POST", "/assets/merge", {"ids": ids[:2]})

    async def _dispose(self) -> None:
        deed, shelf = self.chance.choice(
            (
                ("trash", "timeline"),
                ("restore", "trash"),
                ("remove", "timeline"),
                ("unremove", "removed"),
            )
        )
        ids = await self._some(shelf, 2)
        if ids:
            await self._send("POST", f"/assets/{deed}", {"ids": ids})
