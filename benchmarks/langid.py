"""Language detection: build its table from raw text (``--build``), measure it on other texts.

    TURKIC_NLP_MIRROR=../shared/corpora python benchmarks/langid.py [--build --text ../shared/text]

Built from raw text of each language (never the Universal Declaration of Human Rights; of SIB-200 only the
training sentences of Uyghur, for which there is nothing else; Russian is a page written for it), and from
what the transliterator makes of it for alphabets without raw text. Measured on SIB-200 dev sentences, whole,
cut to three words and transliterated, and on paragraphs of the Declaration (its headings of less than four
words by themselves).
"""

from __future__ import annotations

import argparse
import json
import lzma
import math
import os
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from turkic_nlp.langid import _TABLE, detect_language, ngrams, table
from turkic_nlp.scripts import detect_script, transliterate

HERE = Path(__file__).parent
OURS = ("kk", "uz", "ky", "tk", "tr")
LANGS = ("kk", "uz", "ky", "tk", "tr", "az", "tt", "ba", "en")
OTHER_ALPHABETS = [("kk", "Latn"), ("ky", "Latn"), ("tk", "Cyrl"), ("kk", "Arab"), ("ky", "Arab")]
ROWS = {"Cyrl": 1150, "Latn": 1150, "Arab": 320}
PER_FILE, PER_LANG = 60_000, 500_000
FLOOR, SMOOTH, LEAST = 60, 200, 5000
PRIOR = 30  # tenths of a nat against languages that the package has nothing else for, and rare alphabets
HEADING = 4
SIB = {"kaz_Cyrl": "kk", "uzn_Latn": "uz", "kir_Cyrl": "ky", "tuk_Latn": "tk", "tur_Latn": "tr"}
SIB_OTHERS = {"azj_Latn": "az", "tat_Cyrl": "tt", "bak_Cyrl": "ba", "uig_Arab": "ug", "eng_Latn": "en"}
UDHR = {
    "kaz.txt": [(0, "kk")],
    "kir.txt": [(0, "ky")],
    "tuk_cyrl.txt": [(0, "tk")],
    "tuk_latn.txt": [(0, "tk")],
    "tur.txt": [(0, "tr")],
    "uzn_cyrl-uzn_latn.tsv": [(0, "uz"), (1, "uz")],
}


def raw_lines(folder: Path, lang: str, mirror: Path) -> Iterator[str]:
    """Lines spread over a language's files, half a million characters of them."""
    for path in sorted((folder / lang).glob("*.txt.xz")):
        room = PER_FILE
        with lzma.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                room -= len(line)
                yield line
                if room < 0:
                    break
    if lang == "ug":
        for line in (mirror / "sib-200/uig_Arab/train.tsv").read_text(encoding="utf-8").splitlines()[1:]:
            yield line.split("\t")[2]
    if lang == "ru":
        yield from (HERE / "langid-russian.txt").read_text(encoding="utf-8").splitlines()


def counts(folder: Path, mirror: Path) -> dict[str, dict[str, Counter[str]]]:
    """By script and language, how often each letter sequence stands in the text."""
    found: dict[str, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    for lang in (*LANGS, "ug", "ru"):
        lines = list(raw_lines(folder, lang, mirror))
        room: Counter[str] = Counter()
        for line in lines:
            script = str(detect_script(line))
            if room[script] < PER_LANG:
                found[script][lang].update(ngrams(line))
                room[script] += len(line)
        for other, target in OTHER_ALPHABETS:
            if other == lang:
                source = max(room, key=room.__getitem__)
                for line in lines[:: max(1, len(lines) // 3000)]:
                    if str(detect_script(line)) == source:
                        found[target][lang].update(ngrams(transliterate(line, lang=lang, target=target)))
    return {
        script: {lang: c for lang, c in by_lang.items() if c.total() >= LEAST}
        for script, by_lang in found.items()
        if script in ROWS
    }


def rows(by_lang: dict[str, Counter[str]], how_many: int) -> Iterator[tuple[str, list[int]]]:
    """The letter sequences that tell most, and what they hold against each language in tenths of a nat."""
    totals = {lang: c.total() for lang, c in by_lang.items()}
    common = Counter[str]()
    for lang, c in by_lang.items():
        common.update({part: n * 1e6 / totals[lang] for part, n in c.items()})
    scored = []
    for part, _ in common.most_common(how_many * 12):
        usual = common[part] / len(by_lang) / 1e6
        logs = [math.log((c[part] + SMOOTH * usual) / (totals[lang] + SMOOTH)) for lang, c in by_lang.items()]
        shares = [math.exp(log) for log in logs]
        mean = math.log(sum(shares) / len(shares))
        tells = sum(share * abs(log - mean) for share, log in zip(shares, logs, strict=True))
        scored.append((tells, part, [min(FLOOR, round(10 * (max(logs) - log))) for log in logs]))
    scored.sort(reverse=True)
    for _, part, weights in sorted(scored[:how_many], key=lambda row: row[1]):
        yield part, weights


def build(folder: Path, mirror: Path) -> None:
    """Write the table that detect_language reads."""
    lines = []
    for script, by_lang in sorted(counts(folder, mirror).items()):
        lines.append("\t".join([f"# {script}", *by_lang]))
        rare = [
            lang not in OURS or (script != "Arab" and (lang, script) in OTHER_ALPHABETS) for lang in by_lang
        ]
        lines.append("\t".join(["", *(str(PRIOR * is_rare) for is_rare in rare)]))
        lines += ["\t".join([part, *map(str, w)]) for part, w in rows(by_lang, ROWS[script])]
    _TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    table.cache_clear()


def texts(mirror: Path) -> Iterator[tuple[str, str, str]]:
    """(test set, language, text)."""
    for names, kind in ((SIB, "sib-200 dev"), (SIB_OTHERS, "sib-200 dev, other languages")):
        for name, lang in names.items():
            for line in (mirror / "sib-200" / name / "dev.tsv").read_text(encoding="utf-8").splitlines()[1:]:
                text = line.split("\t")[2]
                yield kind, lang, text
                if lang in OURS:
                    yield "sib-200 dev, first three words", lang, " ".join(text.split()[:3])
                    for other, target in [*OTHER_ALPHABETS, ("uz", "Cyrl")]:
                        if other == lang:
                            written = transliterate(text, lang=lang, target=target)
                            yield "sib-200 dev, transliterated", f"{lang} {target}", written
    for name, columns in UDHR.items():
        lines = (mirror / "translit-udhr" / name).read_text(encoding="utf-8").splitlines()
        for line in lines[1:] if name.endswith(".tsv") else lines:
            for column, lang in columns:
                text = line.split("\t")[column]
                kind = "udhr" if len(text.split()) >= HEADING else "udhr headings"
                yield kind, f"{lang} {name.partition('.')[0]} {detect_script(text)}", text


def measure(mirror: Path) -> dict[str, object]:
    """Per test set: accuracy over all texts and per language, and what was taken for what."""
    right: dict[str, Counter[str]] = defaultdict(Counter)
    total: dict[str, Counter[str]] = defaultdict(Counter)
    wrong: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, lang, text in texts(mirror):
        found = detect_language(text)
        total[kind][lang] += 1
        right[kind][lang] += found == lang[:2]
        if found != lang[:2]:
            wrong[kind][f"{lang} -> {found}"] += 1
    return {
        kind: {
            "texts": total[kind].total(),
            "accuracy": round(100 * right[kind].total() / total[kind].total(), 2),
            "by_language": {key: round(100 * right[kind][key] / n, 2) for key, n in total[kind].items()},
            "mistakes": dict(wrong[kind].most_common()),
        }
        for kind in total
    }


def main() -> None:
    """Build if asked, measure, write the results file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--text", type=Path, default=Path("../shared/text"))
    arguments = parser.parse_args()
    mirror = Path(os.environ.get("TURKIC_NLP_MIRROR", "../shared/corpora"))
    if arguments.build:
        build(arguments.text, mirror)
    results = {"table_bytes": _TABLE.stat().st_size, **measure(mirror)}
    text = json.dumps(results, ensure_ascii=False, indent=1)
    (HERE / "results" / "langid.json").write_text(f"{text}\n", encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
