from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.conftest import Project

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = ["-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder)]
    subprocess.run([sys.executable, *command, str(REPOSITORY)], check=True)
    return next(folder.glob("errgen-*.whl"))


def test_carries_the_catalog_and_the_templates_and_no_tests(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    for folder in ("catalog", "templates"):
        for path in sorted((REPOSITORY / folder).rglob("*")):
            if path.is_file():
                assert f"site_builder/shipped/{path.relative_to(REPOSITORY)}" in names
    assert "site_builder/schemas/manifest.schema.json" in names
    for path in sorted((REPOSITORY / "site_builder/preview/assets").iterdir()):
        assert str(path.relative_to(REPOSITORY)) in names
    assert not [name for name in names if name.startswith(("tests/", "bench/", "output/"))]


def test_works_with_no_repository(wheel: Path, tmp_path: Path, project: Project) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "venv")], check=True)
    binary = tmp_path / "venv" / "bin"
    pip = [sys.executable, "-m", "pip", "--python", str(binary / "python"), "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-compile", str(wheel), "-c", str(REPOSITORY / "requirements.lock")],
        check=True,
        env=environment,
        cwd=tmp_path,
    )
    subprocess.run([binary / "errgen", "init", "mysite"], check=True, env=environment, cwd=tmp_path)
    subprocess.run([binary / "errgen", "build"], check=True, env=environment, cwd=tmp_path / "mysite")
    built = Project(tmp_path / "mysite").files("output")
    project.write("errgen.toml", (tmp_path / "mysite" / "errgen.toml").read_text("utf-8"))
    assert project.run("build").code == 0
    assert built == project.files("output")
