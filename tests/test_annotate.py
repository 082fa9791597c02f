"""annotate: what goes in comes out, whole or not at all: after a kill, on a full disk, from bad files."""

from __future__ import annotations

import errno
import gzip
import io
import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
import spacy
from fakes import dying_pipeline_for, pipeline_for, sharing_pipeline_for
from spacy.tokens import DocBin

import turkic_nlp
from turkic_nlp import conllu
from turkic_nlp.annotate import Summary, annotate, engine
from turkic_nlp.annotate import partial as partial_module
from turkic_nlp.annotate.sources import LINE_LIMIT, expand, read
from turkic_nlp.errors import (
    BadJsonLine,
    BadOption,
    BrokenRun,
    ConlluError,
    DocumentFailed,
    Interrupted,
    LineTooLong,
    NoInput,
    NotUtf8,
    OtherRun,
    OutputBusy,
    OutputExists,
    OutputFailed,
    TurkicError,
    UnknownLanguage,
    UnreadableFile,
    WorkerDied,
)

TEXT = "Айгүл келди. Ал күлдү.\n\nБекзат 2020-жылы Ошко барды.\n"
KYRGYZ = "Бул китепти кечээ шаардагы дүкөндөн сатып алдым жана түнү бою окудум.\n"
TURKISH = "Bu kitabı dün şehirdeki dükkandan satın aldım ve bütün gece okudum.\n"
FAKES = Path(__file__).parent


@pytest.fixture
def news(tmp_path):
    path = tmp_path / "news.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def go(source, output, **options):
    sources = source if isinstance(source, list) else [source]
    return annotate(sources, output, **{"pipeline_for": pipeline_for, "lang": "ky", **options})


def left(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_line_of_a_text_file_becomes_a_document_of_conllu(news, tmp_path):
    summary = go(news, tmp_path / "out.conllu")
    sentences = list(conllu.read(tmp_path / "out.conllu"))
    assert [s.text for s in sentences] == ["Айгүл келди.", "Ал күлдү.", "Бекзат 2020-жылы Ошко барды."]
    assert sentences[0].comments[:4] == [
        "# newdoc id = news.txt:1",
        "# lang = ky",
        "# script = Cyrl",
        "# textcat = travel",
    ]
    assert sentences[1].sent_id == "news.txt:1-2"
    assert (summary.documents, summary.sentences, summary.words, summary.skipped) == (2, 3, 11, 0)
    assert left(tmp_path) == ["news.txt", "out.conllu"]


def test_with_paragraphs_a_document_reaches_to_the_blank_line(tmp_path):
    (tmp_path / "a.txt").write_text("Бир\nэки\n\n\nүч\n", encoding="utf-8")
    found = list(read(expand([tmp_path / "a.txt"]), paragraphs=True))
    assert [(d.name, d.text) for d in found] == [("a.txt:1", "Бир\nэки"), ("a.txt:5", "үч")]


def test_a_json_line_tells_every_token_and_entity_by_offsets(news, tmp_path):
    go(news, tmp_path / "out.jsonl", format="jsonl")
    first = json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert first["text"] == "Айгүл келди. Ал күлдү."
    assert [first["text"][t["start"] : t["end"]] for t in first["tokens"]] == [
        t["text"] for t in first["tokens"]
    ]
    assert first["tokens"][1]["governor"] == 0
    assert first["tokens"][0]["governor"] == -1
    assert first["ents"] == [{"start": 0, "end": 5, "label": "PER", "text": "Айгүл"}]
    assert first["cats"] == [
        {"classifier": "textcat", "label": "sports", "score": 0.25},
        {"classifier": "textcat", "label": "travel", "score": 0.75},
    ]


def test_a_docbin_gives_the_docs_back_with_their_ids(news, tmp_path):
    go(news, tmp_path / "out.spacy", format="spacy", batch_size=1)
    docs = list(
        DocBin(store_user_data=True).from_disk(tmp_path / "out.spacy").get_docs(spacy.blank("xx").vocab)
    )
    assert [doc.text for doc in docs] == ["Айгүл келди. Ал күлдү.", "Бекзат 2020-жылы Ошко барды."]
    assert docs[0].user_data == {"id": "news.txt:1", "lang": "ky", "script": "Cyrl"}
    assert [ent.label_ for ent in docs[0].ents] == ["PER"]
    assert [sent.text for sent in docs[0].sents] == ["Айгүл келди.", "Ал күлдү."]


def test_parquet_holds_the_same_records_as_json_lines(news, tmp_path):
    go(news, tmp_path / "out.parquet", format="parquet")
    go(news, tmp_path / "out.jsonl", format="jsonl")
    lines = (tmp_path / "out.jsonl").read_text(encoding="utf-8").splitlines()
    assert pq.read_table(tmp_path / "out.parquet").to_pylist() == [json.loads(line) for line in lines]


def test_conllu_goes_in_and_keeps_its_words_comments_and_ranges(tmp_path):
    rows = [
        "1-2\tбарбы\t_\t_\t_\t_\t_\t_\t_\tSpaceAfter=No",
        *(f"{i}\t{w}" + "\t_" * 8 for i, w in ((1, "бар"), (2, "бы"))),
    ]
    source = "# sent_id = s1\n# text = барбы\n# mine = kept\n" + "\n".join(rows) + "\n\n"
    (tmp_path / "in.conllu").write_text(source, encoding="utf-8")
    go(tmp_path / "in.conllu", tmp_path / "out.conllu")
    (sentence,) = conllu.read(tmp_path / "out.conllu")
    assert "# mine = kept" in sentence.comments
    assert [(w.form, w.upos, w.head) for w in sentence.words] == [("бар", "NOUN", "0"), ("бы", "NOUN", "1")]
    assert sentence.rows[0].id == "1-2"


def test_json_lines_go_in_with_their_own_ids(tmp_path):
    (tmp_path / "in.jsonl").write_text('{"id": 7, "text": "Ал келди."}\n{"text": "Бар."}\n', encoding="utf-8")
    found = list(read(expand([tmp_path / "in.jsonl"])))
    assert [(d.name, d.text) for d in found] == [("7", "Ал келди."), ("in.jsonl:2", "Бар.")]


def test_a_folder_is_read_in_the_order_of_names_without_the_output_in_it(tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b.txt").write_text("Эки.\n", encoding="utf-8")
    (tmp_path / "a.txt").write_text("Бир.\n", encoding="utf-8")
    (tmp_path / "c.txt.gz").write_bytes(gzip.compress("Үч.\n".encode()))
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    output = tmp_path / "all.conllu"
    for _ in range(2):
        go(tmp_path, output, force=True)
        assert [s.text for s in conllu.read(output)] == ["Бир.", "Үч.", "Эки."]


def test_standard_input_comes_as_text(monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("\ufeffАл келди.\r\n".encode())))
    go(Path("-"), tmp_path / "out.conllu")
    assert [s.text for s in conllu.read(tmp_path / "out.conllu")] == ["Ал келди."]


def test_a_stream_gets_the_same_bytes_as_a_file(news, tmp_path):
    stream = io.BytesIO()
    go(news, stream, batch_size=1)
    go(news, tmp_path / "out.conllu")
    assert stream.getvalue() == (tmp_path / "out.conllu").read_bytes()


@pytest.mark.parametrize("format", ["conllu", "jsonl", "spacy", "parquet"])
def test_input_without_a_word_gives_a_whole_empty_output(format, tmp_path):
    (tmp_path / "empty.txt").write_text("\n  \n", encoding="utf-8")
    summary = go(tmp_path / "empty.txt", tmp_path / f"out.{format}", format=format)
    assert summary.words == 0
    assert (tmp_path / f"out.{format}").exists()


def test_auto_finds_the_language_and_leaves_the_unknown_out(tmp_path, caplog):
    (tmp_path / "mixed.txt").write_text(KYRGYZ + TURKISH + KYRGYZ + "12345\n", encoding="utf-8")
    summary = go(tmp_path / "mixed.txt", tmp_path / "out.conllu", lang="auto")
    assert summary.skipped == 2
    assert [s.comment("lang") for s in conllu.read(tmp_path / "out.conllu")] == ["ky", "ky"]
    assert "T609" in caplog.text
    assert "'tr'" in caplog.text


def test_a_sentence_of_an_empty_node_alone_comes_out_as_it_went_in(tmp_path):
    text = "# text = x\n0.1\ta\ta\tX\t_\t_\t_\t_\t0:x\t_\n\n"
    (tmp_path / "in.conllu").write_text(text, encoding="utf-8")
    go(tmp_path / "in.conllu", tmp_path / "out.conllu")
    assert (tmp_path / "out.conllu").read_text(encoding="utf-8") == text


def test_two_workers_write_what_one_writes(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{FAKES.parent}{os.pathsep}{FAKES}")
    (tmp_path / "in.txt").write_text(KYRGYZ * 6, encoding="utf-8")
    for n_process in (1, 2):
        go(tmp_path / "in.txt", tmp_path / f"{n_process}.conllu", n_process=n_process, batch_size=2)
    assert (tmp_path / "1.conllu").read_bytes() == (tmp_path / "2.conllu").read_bytes()


@pytest.mark.model
@pytest.mark.skipif(not engine.SHARED_MEMORY.is_dir(), reason="no shared memory here")
def test_workers_share_the_weights_and_the_threads_of_this_process(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{FAKES.parent}{os.pathsep}{FAKES}")
    (tmp_path / "in.txt").write_text(KYRGYZ * 4, encoding="utf-8")
    turkic_nlp.load("ky")
    go(
        tmp_path / "in.txt",
        tmp_path / "two",
        format="conllu",
        pipeline_for=sharing_pipeline_for,
        n_process=2,
        batch_size=2,
    )
    go(tmp_path / "in.txt", tmp_path / "one", format="conllu", pipeline_for=turkic_nlp.load)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


@pytest.mark.model
def test_weights_are_not_shared_where_they_do_not_fit(tmp_path, monkeypatch):
    turkic_nlp.load("ky")
    monkeypatch.setattr(engine.shutil, "disk_usage", lambda path: SimpleNamespace(free=1 << 26))
    assert engine._shareable() == {}


BAD_FILES = [
    ("a.txt", b"\xd0\x90\xd0\xbb.\n\xff\xfe bad\nend.\n", NotUtf8, "a.txt:2", 2),
    ("a.jsonl", b'{"text": 1}\n', BadJsonLine, "a.jsonl:1", 0),
    ("a.jsonl", b'{"text": "x"}\n{"text"\n', BadJsonLine, "a.jsonl:2", 1),
    ("a.jsonl", b"[" * 200_000, BadJsonLine, "a.jsonl:1", 0),
    ("a.jsonl", b'{"text": "a \\ud800 b"}\n{"text": "c"}\n', DocumentFailed, "a.jsonl:1", 1),
    ("a.txt", b"x" * (LINE_LIMIT + 5) + b"\nend.\n", LineTooLong, "a.txt:1", 1),
    ("a.txt", b"x" * 1_000_001 + b"\nend.\n", DocumentFailed, "a.txt:1", 1),
    ("a.txt", "катастрофа\nend.\n".encode(), DocumentFailed, "a.txt:1", 1),
    ("a.conllu", b"1\tbroken\n\n", ConlluError, "a.conllu:1", 0),
]


@pytest.mark.parametrize(("name", "data", "kind", "said", "good"), BAD_FILES)
def test_a_bad_document_stops_the_run_or_is_left_out(name, data, kind, said, good, tmp_path, caplog):
    (tmp_path / name).write_bytes(data)
    with pytest.raises(kind) as caught:
        go(tmp_path / name, tmp_path / "out.jsonl", format="jsonl")
    assert said in str(caught.value)
    assert left(tmp_path) == [name]
    summary = go(tmp_path / name, tmp_path / "out.jsonl", format="jsonl", on_error="skip")
    assert (summary.documents - summary.skipped, summary.skipped) == (good, 1)
    assert said in caplog.text


def test_a_run_that_stopped_at_a_bad_document_goes_on_with_skip(tmp_path):
    (tmp_path / "in.txt").write_text("Бир.\nкатастрофа\nЭки.\n", encoding="utf-8")
    with pytest.raises(DocumentFailed):
        go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=1)
    summary = go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=1, on_error="skip")
    assert (summary.before, summary.skipped) == (1, 1)
    assert [s.text for s in conllu.read(tmp_path / "out.conllu")] == ["Бир.", "Эки."]


def test_missing_broken_and_empty_inputs_are_named(tmp_path):
    (tmp_path / "a.txt.gz").write_bytes(gzip.compress(b"abc" * 999)[:-9])
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match="T310"):
        go(tmp_path / "none.txt", tmp_path / "out.conllu")
    with pytest.raises(UnreadableFile, match="T310"):
        go(tmp_path / "a.txt.gz", tmp_path / "out.conllu")
    with pytest.raises(UnreadableFile, match="name too long"):
        go(tmp_path / ("n" * 300), tmp_path / "out.conllu")
    with pytest.raises(NoInput, match="T606"):
        go(tmp_path / "empty", tmp_path / "out.conllu")
    assert left(tmp_path) == ["a.txt.gz", "empty"]


def test_an_input_that_vanishes_during_the_run_is_named(news, tmp_path):
    files = expand([news])
    news.unlink()
    with pytest.raises(UnreadableFile, match="T310"):
        list(read(files))


def test_an_output_that_exists_is_replaced_only_by_force(news, tmp_path):
    output = tmp_path / "out.conllu"
    output.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExists, match="--force"):
        go(news, output)
    assert output.read_text(encoding="utf-8") == "mine"
    go(news, output, force=True)
    assert output.read_text(encoding="utf-8").startswith("# newdoc")


WRONG = [
    ({"format": "xml"}, "format"),
    ({"on_error": "pray"}, "on-error"),
    ({"batch_size": 0}, "batch-size"),
    ({"n_process": 0}, "n-process"),
]


@pytest.mark.parametrize(("options", "named"), WRONG)
def test_an_option_that_makes_no_sense_is_named(options, named, news, tmp_path):
    with pytest.raises(BadOption, match=named):
        go(news, tmp_path / "out", **options)


def test_an_output_is_no_input_and_a_docbin_is_no_stream(news, tmp_path):
    with pytest.raises(BadOption, match="T611"):
        go(news, news, force=True)
    with pytest.raises(BadOption, match="conllu or jsonl"):
        go(news, io.BytesIO(), format="spacy")
    assert news.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize(("told", "found"), [("kk", "kk"), ("", "ky"), (None, "ky"), (7, "ky")])
def test_a_json_line_may_tell_its_language(tmp_path, told, found):
    line = json.dumps({"text": KYRGYZ.strip(), "lang": told}, ensure_ascii=False)
    (tmp_path / "in.jsonl").write_text(f"{line}\n", encoding="utf-8")
    go(tmp_path / "in.jsonl", tmp_path / "out.jsonl", lang="auto", format="jsonl")
    assert json.loads((tmp_path / "out.jsonl").read_text(encoding="utf-8"))["lang"] == found


def test_an_unknown_language_that_was_asked_for_is_an_error(news, tmp_path):
    with pytest.raises(UnknownLanguage, match="T101"):
        go(news, tmp_path / "out.conllu", lang="xx")
    assert left(tmp_path) == ["news.txt"]


REFUSALS = [
    ("missing/out.conllu", "No such file"),
    ("news.txt/out.conllu", "Not a directory"),
    ("", "folder"),
    ("n" * 300, "name too long"),
    ("/sys/out.conllu", "Read-only|denied|permitted|No such"),
]


@pytest.mark.parametrize(("name", "reason"), REFUSALS)
def test_a_place_that_cannot_be_written_is_named(name, reason, news, tmp_path):
    with pytest.raises(OutputFailed, match=reason):
        go(news, tmp_path / name)


def test_a_second_run_on_the_same_output_is_refused(news, tmp_path):
    def during(tally):
        with pytest.raises(OutputBusy, match="T602"):
            go(news, tmp_path / "out.conllu")

    go(news, tmp_path / "out.conllu", progress=during)
    assert len(list(conllu.read(tmp_path / "out.conllu"))) == 3


def test_a_full_disk_is_said_and_the_run_goes_on_when_there_is_room(tmp_path, monkeypatch):
    (tmp_path / "in.txt").write_text(KYRGYZ * 5, encoding="utf-8")
    go(tmp_path / "in.txt", tmp_path / "whole.conllu", batch_size=1)
    write_all, room = partial_module._write_all, [2]

    def full(file, data):
        room[0] -= 1
        if room[0] < 0:
            write_all(file, data[:10])
            raise OSError(errno.ENOSPC, "No space left on device")
        write_all(file, data)

    monkeypatch.setattr(partial_module, "_write_all", full)
    with pytest.raises(OutputFailed, match="the disk is full"):
        go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=1)
    assert not (tmp_path / "out.conllu").exists()
    monkeypatch.undo()
    assert go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=1).before == 2
    assert (tmp_path / "out.conllu").read_bytes() == (tmp_path / "whole.conllu").read_bytes()


def test_a_limit_of_the_system_on_file_size_ends_in_a_numbered_error(tmp_path):
    (tmp_path / "in.txt").write_text(KYRGYZ * 20, encoding="utf-8")

    def limit():
        resource.setrlimit(resource.RLIMIT_FSIZE, (3000, 3000))

    done = worker(tmp_path, "out.conllu", preexec_fn=limit)
    assert done.wait(60) == 3
    assert b"T603" in done.stderr.read()
    done.stderr.close()
    assert not (tmp_path / "out.conllu").exists()


@pytest.mark.parametrize(
    ("owner", "step"), [(os, "fsync"), (Path, "write_text"), (Path, "replace"), (Path, "unlink")]
)
@pytest.mark.parametrize("format", ["jsonl", "parquet"])
@pytest.mark.parametrize("times", [0, 1, 3])
def test_a_disk_that_is_full_at_any_step_loses_nothing(owner, step, format, times, tmp_path, monkeypatch):
    (tmp_path / "in.txt").write_text(KYRGYZ * 4, encoding="utf-8")
    go(tmp_path / "in.txt", tmp_path / "whole", batch_size=1, format=format)
    allowed, real = [times], getattr(owner, step)

    def refused(*arguments, **options):
        allowed[0] -= 1
        if allowed[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(*arguments, **options)

    monkeypatch.setattr(owner, step, refused)
    with pytest.raises(OutputFailed, match="the disk is full"):
        go(tmp_path / "in.txt", tmp_path / "out", batch_size=1, format=format)
    monkeypatch.undo()
    go(tmp_path / "in.txt", tmp_path / "out", batch_size=1, format=format)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()
    assert left(tmp_path) == ["in.txt", "out", "whole"]


def test_a_stream_that_takes_no_more_is_a_numbered_error(news):
    with (
        Path("/dev/full").open("wb", buffering=0) as full,
        pytest.raises(OutputFailed, match="the disk is full"),
    ):
        go(news, full)


def test_other_settings_or_another_input_do_not_go_on_with_a_broken_run(tmp_path):
    source, output = tmp_path / "in.txt", tmp_path / "out.conllu"
    source.write_text(KYRGYZ * 3, encoding="utf-8")
    stop_after(1, source, output)
    with pytest.raises(OtherRun, match="batch size"):
        go(source, output, batch_size=2)
    with pytest.raises(OtherRun, match="model"):
        go(source, output, batch_size=1, settings={"model": "other"})
    source.write_text(TURKISH * 3, encoding="utf-8")
    with pytest.raises(OtherRun, match="input"):
        go(source, output, batch_size=1)
    assert go(source, output, batch_size=1, force=True).before == 0


def test_a_lock_is_let_go_even_while_the_error_is_kept(tmp_path):
    (tmp_path / "in.txt").write_text(KYRGYZ * 2, encoding="utf-8")
    stop_after(1, tmp_path / "in.txt", tmp_path / "out.conllu")
    with pytest.raises(OtherRun) as kept:
        go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=2)
    assert go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=1).before == 1
    assert kept.value.what == "batch size"


def spoilt(**values):
    """A journal with other values in its tally."""
    return lambda text: json.dumps((found := json.loads(text)) | {"tally": found["tally"] | values})


DAMAGE = [
    ("journal.json", lambda text: "", "journal is damaged"),
    ("journal.json", lambda text: text[:-9], "journal is damaged"),
    ("journal.json", lambda text: "[1]", "journal is damaged"),
    ("journal.json", lambda text: '{"settings": {}}', "journal is damaged"),
    ("journal.json", spoilt(more=1), "journal is damaged"),
    ("journal.json", spoilt(bytes="many"), "journal is damaged"),
    ("journal.json", spoilt(bytes=-1), "its journal says -1"),
    ("journal.json", spoilt(bytes=10**15), "its journal says 1000000000000000"),
    ("data", lambda text: text[:-1], "its data have"),
]


@pytest.mark.parametrize(("name", "change", "said"), DAMAGE)
def test_an_unfinished_run_that_was_damaged_is_named_and_kept(name, change, said, tmp_path):
    source, output = tmp_path / "in.txt", tmp_path / "out.conllu"
    source.write_text(KYRGYZ * 3, encoding="utf-8")
    stop_after(2, source, output)
    path = tmp_path / "out.conllu.partial" / name
    path.write_text(change(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(BrokenRun, match=said):
        go(source, output, batch_size=1)
    assert path.exists()
    assert go(source, output, batch_size=1, force=True).documents == 3
    assert left(tmp_path) == ["in.txt", "out.conllu"]


def test_an_unfinished_run_of_the_other_engine_is_named(news, tmp_path):
    (tmp_path / "out.conllu.partial").mkdir()
    (tmp_path / "out.conllu.partial" / "journal.jsonl").write_text("{}\n", encoding="utf-8")
    with pytest.raises(OtherRun, match="engine"):
        go(news, tmp_path / "out.conllu")
    assert (tmp_path / "out.conllu.partial" / "journal.jsonl").exists()
    assert go(news, tmp_path / "out.conllu", force=True).documents == 2
    assert left(tmp_path) == ["news.txt", "out.conllu"]


def test_an_output_that_a_killed_forced_run_was_to_replace_is_kept(news, tmp_path):
    output = tmp_path / "out.conllu"
    stop_after(1, news, output)
    output.write_text("mine", encoding="utf-8")
    with pytest.raises(OutputExists):
        go(news, output, batch_size=1)
    assert output.read_text(encoding="utf-8") == "mine"
    go(news, output, batch_size=1, force=True)
    assert left(tmp_path) == ["news.txt", "out.conllu"]


def test_an_input_that_vanishes_between_two_files_is_named_and_the_run_goes_on_when_it_is_back(tmp_path):
    first, second = tmp_path / "a.txt", tmp_path / "b.txt"
    first.write_text(KYRGYZ * 2, encoding="utf-8")
    second.write_text(KYRGYZ * 2, encoding="utf-8")
    go([first, second], tmp_path / "whole", batch_size=1)
    with pytest.raises(UnreadableFile, match=r"b\.txt"):
        go([first, second], tmp_path / "out", batch_size=1, progress=lambda _: second.unlink(missing_ok=True))
    second.write_text(KYRGYZ * 2, encoding="utf-8")
    assert go([first, second], tmp_path / "out", batch_size=1).before == 2
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


def test_a_worker_that_dies_is_said_and_what_was_finished_is_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", f"{FAKES.parent}{os.pathsep}{FAKES}")
    (tmp_path / "in.txt").write_text(KYRGYZ * 3, encoding="utf-8")
    options = {"n_process": 2, "batch_size": 1, "pipeline_for": dying_pipeline_for}
    with pytest.raises(WorkerDied, match="T617"):
        go(tmp_path / "in.txt", tmp_path / "out.conllu", **options)
    assert go(tmp_path / "in.txt", tmp_path / "out.conllu", batch_size=1).documents == 3


def stop_after(documents, source, output):
    def interrupt(tally):
        if tally.documents == documents:
            raise KeyboardInterrupt

    with pytest.raises(Interrupted, match=f"after {documents} documents"):
        go(source, output, batch_size=1, progress=interrupt)


@pytest.mark.parametrize("format", ["conllu", "jsonl", "spacy", "parquet"])
def test_an_interrupted_run_goes_on_to_the_same_bytes(format, tmp_path):
    source = tmp_path / "in.txt"
    source.write_text(TEXT * 3, encoding="utf-8")
    go(source, tmp_path / "whole", batch_size=1, format=format)
    for documents in (1, 4, 6):

        def interrupt(tally, documents=documents):
            if tally.documents == documents:
                raise KeyboardInterrupt

        with pytest.raises(Interrupted):
            go(source, tmp_path / "out", batch_size=1, format=format, progress=interrupt)
    assert not (tmp_path / "out").exists()
    go(source, tmp_path / "out", batch_size=1, format=format)
    assert (tmp_path / "out").read_bytes() == (tmp_path / "whole").read_bytes()


WORKER = """
import sys
from pathlib import Path
from fakes import slow_pipeline_for
from turkic_nlp.annotate import annotate
from turkic_nlp.errors import TurkicError
folder = Path(sys.argv[1])
try:
    options = {"pipeline_for": slow_pipeline_for, "lang": "ky", "batch_size": 1}
    annotate([folder / "in.txt"], folder / sys.argv[2], **options)
except TurkicError as error:
    print(error, file=sys.stderr)
    sys.exit(3)
"""


def worker(folder, output, **options):
    env = {**os.environ, "PYTHONPATH": f"{FAKES.parent}{os.pathsep}{FAKES}"}
    command = [sys.executable, "-c", WORKER, str(folder), output]
    return subprocess.Popen(command, env=env, stderr=subprocess.PIPE, **options)


def test_the_closing_line_tells_words_seconds_speed_and_device():
    summary = Summary(documents=9, sentences=20, words=12480, skipped=2, seconds=3.1, before=4)
    assert summary.line("cpu") == (
        "12,480 words in 3.1 s (4,026 words/s) on cpu, 2 documents left out, "
        "after 4 documents of the run before"
    )


def test_every_error_on_the_way_is_one_of_ours(tmp_path):
    nasty = [
        "\x00",
        "\u202e\u202d",
        "a" * 5000,
        "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    ]
    (tmp_path / "in.txt").write_text("\n".join(nasty), encoding="utf-8")
    try:
        go(tmp_path / "in.txt", tmp_path / "out.conllu", on_error="skip", lang="auto")
    except TurkicError as error:
        pytest.fail(f"nothing in the file is an error: {error}")
