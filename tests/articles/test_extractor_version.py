import os
import shutil
import subprocess
import sys
from pathlib import Path

import articles
from articles.extractor_version import READERS

ASK = "from articles.extractor_version import READERS; print(READERS)"


def told(folder: Path, seed: str) -> str:
    env = {**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": str(folder)}
    return subprocess.run(
        [sys.executable, "-c", ASK], env=env, cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


def test_every_process_names_the_same_readers():
    home = Path(articles.__file__).parents[1]
    assert {told(home, seed) for seed in ("1", "2")} == {READERS}


def test_other_code_and_other_data_are_other_readers(tmp_path: Path):
    home = Path(articles.__file__).parent
    for changed in ("page/intake.py", "data/phrases.yaml", "explain.py"):
        copy = tmp_path / changed.replace("/", "-")
        shutil.copytree(home, copy / "articles", ignore=shutil.ignore_patterns("__pycache__"))
        assert told(copy, "1") == READERS
        with (copy / "articles" / changed).open("a") as file:
            file.write("# one more line\n")
        assert (told(copy, "1") == READERS) is (changed == "explain.py")
