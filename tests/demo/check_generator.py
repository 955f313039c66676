"""The committed datasets are, byte for byte, what the generator writes: check_generator.py DEMO_FOLDER."""

import pathlib
import subprocess
import sys
import tempfile


def main():
    demo = pathlib.Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run([sys.executable, "-B", str(demo / "make_datasets.py"), scratch], check=True)
        written = {path.name: path.read_bytes() for path in pathlib.Path(scratch).iterdir()}
    committed = {path.name: path.read_bytes() for path in (demo / "data").iterdir()}
    if len(committed) != 5:
        sys.exit(f"{demo / 'data'} holds {len(committed)} files, not five datasets")
    differing = sorted(name for name in written.keys() | committed.keys() if written.get(name) != committed.get(name))
    if differing:
        sys.exit(f"{', '.join(differing)}: not what make_datasets.py writes; run it and commit what it wrote")


if __name__ == "__main__":
    main()
