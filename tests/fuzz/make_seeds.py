"""First inputs of the fuzz targets: the files of the attack corpus and of the golden checkpoints, one place each."""

import io
import pathlib
import zipfile

# Mutations of large inputs are slow and find little.
LARGEST_SEED = 20_000


def texts(paths):
    """What of the files is small enough."""
    return [path.read_bytes() for path in paths if path.stat().st_size <= LARGEST_SEED]


def named(roots, pattern):
    return sorted(path for root in roots for path in root.rglob(pattern))


def safetensors(roots):
    return texts(named(roots, "*.safetensors"))


def config(roots):
    return texts(named(roots, "config*.json") + named(roots, "*.index.json"))


def tokenizer(roots):
    seeds = texts(named(roots, "tokenizer.json"))
    # What follows a NUL is a text to tokenize.
    return seeds + [seed + b"\0 The caf\xc3\xa9 <s>" for seed in seeds] + texts(named(roots, "tokenizer.model"))


def torch_file(roots):
    return texts(named(roots, "*.bin"))


def pickle(roots):
    """The pickles within the archives; a legacy file begins with one."""
    seeds = []
    for data in torch_file(roots):
        try:
            archive = zipfile.ZipFile(io.BytesIO(data))
            seeds += [archive.read(name) for name in archive.namelist() if name.endswith("data.pkl")]
        except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, ValueError, EOFError):
            pass  # an archive that lies: torch_file has it
        if data[:1] == b"\x80":
            seeds.append(data)
    return seeds


SEEDS = {"safetensors": safetensors, "config": config, "tokenizer": tokenizer, "torch_file": torch_file, "pickle": pickle}


def write(target, roots, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for i, seed in enumerate(dict.fromkeys(SEEDS[target](roots))):
        pathlib.Path(folder, f"seed_{i:04}").write_bytes(seed)
