"""Shards: cut on the batches of the one-machine run, whole or not there, made again only where they must."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fakes import pipeline_for
from hypothesis import given
from hypothesis import strategies as st

from turkic_nlp.annotate import BATCH_CHARACTERS, annotate, batched
from turkic_nlp.annotate.document import Document
from turkic_nlp.annotate.engine import Annotator
from turkic_nlp.annotate.ledger import MANIFEST, opened
from turkic_nlp.annotate.partial import folder_of
from turkic_nlp.annotate.shards import Maker, plan
from turkic_nlp.annotate.sources import expand, read
from turkic_nlp.errors import (
    DocumentFailed,
    NotUtf8,
    OtherRun,
    OutputBusy,
    OutputExists,
    OutputFailed,
    UnreadableFile,
)

LENGTHS = st.lists(st.lists(st.sampled_from([0, 1, 9, BATCH_CHARACTERS // 2, BATCH_CHARACTERS]), max_size=9))
SETTINGS = {"model": "fake 1.0"}


@pytest.fixture
def folder(tmp_path):
    """Text, JSON lines, CoNLL-U and Parquet, 23 documents."""
    path = tmp_path / "in"
    (path / "sub").mkdir(parents=True)
    (path / "a.txt").write_text("".join(f"Айгүл {n} келди. Ал күлдү.\n" for n in range(9)), encoding="utf-8")
    lines = [json.dumps({"id": f"j{n}", "text": f"Бекзат {n} Ошко барды."}) for n in range(5)]
    (path / "b.jsonl").write_text("\n".join(lines), encoding="utf-8")
    words = "".join(f"# sent_id = s{n}\n1\tАл\t" + "_\t" * 7 + "_\n\n" for n in range(4))
    (path / "sub" / "c.conllu").write_text(words, encoding="utf-8")
    table = {
        "id": [None, *"wxyz"],
        "text": [f"Ал {n} окуду." for n in range(5)],
        "lang": ["ky", None] + ["ky"] * 3,
    }
    pq.write_table(pa.table(table), path / "sub" / "d.parquet", row_group_size=2)
    return path


def maker(folder, target, *, format="conllu", skip=False, lang="ky"):
    return Maker(Annotator(pipeline_for, lang, format), expand([folder]), target, None, False, 3, skip)


def planned(tool, batches=2):
    surveys = [tool.survey(file) for file in range(len(tool.files))]
    return plan([survey.lengths for survey in surveys], batch_size=tool.batch_size, batches=batches)


@given(LENGTHS, st.integers(1, 4), st.integers(1, 3))
def test_shards_are_whole_batches_of_the_one_machine_run(lengths, batch_size, batches):
    texts = {length: "x" * length for of_file in lengths for length in of_file}
    documents = [Document("", texts[length], 0) for of_file in lengths for length in of_file]
    expected = [len(batch) for batch in batched(documents, batch_size)]
    shards = plan(lengths, batch_size=batch_size, batches=batches)
    grouped = [sum(expected[i : i + batches]) for i in range(0, len(expected), batches)]
    assert [shard.documents for shard in shards] == (grouped or [0])
    before = [sum(map(len, lengths[: shard.file])) + shard.skip for shard in shards]
    assert before == [sum(grouped[:i]) for i in range(len(shards))]
    assert sum(shard.characters for shard in shards) == sum(map(sum, lengths))
    assert [shard.number for shard in shards] == [*range(len(shards))]


@pytest.mark.parametrize("format", ["conllu", "jsonl"])
@pytest.mark.parametrize("batches", [1, 2, 50])
def test_shards_made_in_any_order_are_the_output_of_one_machine(format, batches, folder, tmp_path):
    tool = maker(folder, tmp_path, format=format)
    shards = planned(tool, batches)
    files = {shard.number: tool.make(shard).done.file for shard in reversed(shards)}
    options = {"pipeline_for": pipeline_for, "lang": "ky", "batch_size": 3, "format": format}
    annotate([folder], tmp_path / "whole", **options)
    joined = b"".join((tmp_path / files[shard.number]).read_bytes() for shard in shards)
    assert joined == (tmp_path / "whole").read_bytes()
    assert joined.count(b"\n") >= 23


def test_rows_of_parquet_shards_are_those_of_one_table(folder, tmp_path):
    tool = maker(folder, tmp_path, format="parquet")
    files = [tmp_path / tool.make(shard).done.file for shard in planned(tool)]
    options = {"pipeline_for": pipeline_for, "lang": "ky", "batch_size": 3, "format": "parquet"}
    annotate([folder], tmp_path / "whole", **options)
    assert pa.concat_tables(map(pq.read_table, files)).equals(
        pq.read_table(tmp_path / "whole").combine_chunks()
    )


def test_parquet_goes_in_with_ids_and_languages(folder):
    found = [(d.name, d.text, d.lang) for d in read(expand([folder / "sub" / "d.parquet"]))]
    assert found[:3] == [
        ("d.parquet:1", "Ал 0 окуду.", "ky"),
        ("w", "Ал 1 окуду.", None),
        ("x", "Ал 2 окуду.", "ky"),
    ]


def test_a_language_that_the_input_tells_is_not_guessed(tmp_path):
    texts = ["12345.", "Bu kitabı dün şehirdeki dükkandan satın aldım.", "Ал келди."]
    pq.write_table(pa.table({"text": texts, "lang": ["uz", "kk", "tr"]}), tmp_path / "in.parquet")
    options = {"pipeline_for": pipeline_for, "lang": "auto", "format": "jsonl"}
    summary = annotate([tmp_path / "in.parquet"], tmp_path / "out", **options)
    lines = (tmp_path / "out").read_text(encoding="utf-8").splitlines()
    assert [json.loads(line)["lang"] for line in lines] == ["uz", "kk"]
    assert summary.skipped == 1


TABLES = [
    ({"body": ["x"]}, "no column 'text' of strings; it has body (string)"),
    ({"text": [1]}, "no column 'text' of strings; it has text (int64)"),
    ({"text": ["x"], "lang": [1]}, "no column 'lang' of strings"),
]


@pytest.mark.parametrize(("columns", "said"), TABLES)
def test_a_table_without_texts_is_refused_by_what_it_has(columns, said, tmp_path):
    pq.write_table(pa.table(columns), tmp_path / "in.parquet")
    with pytest.raises(UnreadableFile) as caught:
        list(read(expand([tmp_path / "in.parquet"])))
    assert said in str(caught.value)


def test_what_is_no_parquet_is_refused(tmp_path):
    (tmp_path / "in.parquet").write_text("text", encoding="utf-8")
    with pytest.raises(UnreadableFile, match="T310"):
        list(read(expand([tmp_path / "in.parquet"])))


def test_a_row_without_a_text_that_can_be_read_takes_no_other_with_it(tmp_path):
    texts = pa.array([b"a", None, b"\xff", b"b"], pa.binary()).view(pa.string())
    pq.write_table(pa.table({"text": texts}), tmp_path / "in.parquet")
    found = list(read(expand([tmp_path / "in.parquet"])))
    assert [d.text for d in found] == ["a", "", "", "b"]
    assert [type(d.error) for d in found] == [type(None), DocumentFailed, NotUtf8, type(None)]


def test_a_bad_document_stops_its_shard_or_is_told_and_left_out(folder, tmp_path):
    (folder / "a.txt").write_text("Ал.\nкатастрофа\nАл.\n", encoding="utf-8")
    target = tmp_path / "target"
    target.mkdir()
    with pytest.raises(DocumentFailed, match=r"a\.txt:2"):
        maker(folder, target).make(planned(maker(folder, target))[0])
    assert list(target.iterdir()) == []
    made = maker(folder, target, skip=True).make(planned(maker(folder, target))[0])
    assert (made.done.documents, made.done.skipped) == (6, 1)
    assert len(made.warnings) == 1
    assert "T608" in made.warnings[0]


def test_input_that_changed_since_the_survey_is_refused(folder, tmp_path):
    shards = planned(maker(folder, tmp_path))
    (folder / "a.txt").write_text("Ал.\n" * 9, encoding="utf-8")
    with pytest.raises(OtherRun, match="input"):
        maker(folder, tmp_path).make(shards[0])


def test_a_full_disk_is_a_numbered_error_and_leaves_no_shard(folder, tmp_path):
    with pytest.raises(OutputFailed, match="T603"):
        maker(folder, tmp_path / "missing").make(planned(maker(folder, tmp_path))[0])


def whole_run(folder, output, *, until=None, settings=SETTINGS, force=False):
    """A run without a cluster, which breaks off after ``until`` shards; gives the numbers of those made."""
    made = []
    with opened(output, force=force) as ledger:
        tool = maker(folder, ledger.folder)
        shards = planned(tool)
        ledger.resume(settings, anew=force)
        for shard in ledger.missing(shards):
            if len(made) == until:
                return made
            ledger.note(tool.make(shard).done)
            made.append(shard.number)
        ledger.finish()
    return made


def contents(output):
    return {path.name: path.read_bytes() for path in output.iterdir()}


def test_a_broken_run_goes_on_with_what_is_missing_to_the_same_folder(folder, tmp_path):
    assert whole_run(folder, tmp_path / "whole") == [0, 1, 2, 3]
    assert whole_run(folder, tmp_path / "out", until=2) == [0, 1]
    assert not (tmp_path / "out").exists()
    assert whole_run(folder, tmp_path / "out") == [2, 3]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")
    assert not folder_of(tmp_path / "out").exists()


def torn(partial):
    journal = partial / "journal.jsonl"
    journal.write_bytes(journal.read_bytes()[:-9])


def without_a_row(partial):
    journal = partial / "journal.jsonl"
    journal.write_bytes(b"".join(journal.read_bytes().splitlines(keepends=True)[:2]))


def without_a_shard(partial):
    (partial / "shard-000001.conllu").unlink()


def half_a_shard(partial):
    (partial / "shard-000001.conllu").write_bytes(b"#")


def with_remains(partial):
    (partial / "shard-000002.conllu.abc.new").write_bytes(b"# half")
    (partial / "shard-000001.conllu").unlink()


@pytest.mark.parametrize("damage", [torn, without_a_row, without_a_shard, half_a_shard, with_remains])
def test_what_nothing_vouches_for_is_made_again(damage, folder, tmp_path):
    whole_run(folder, tmp_path / "whole")
    whole_run(folder, tmp_path / "out", until=2)
    damage(folder_of(tmp_path / "out"))
    assert whole_run(folder, tmp_path / "out") == [1, 2, 3]
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


@pytest.mark.parametrize("step", ["unlink", "rename"])
def test_a_kill_between_manifest_and_last_rename_costs_nothing(step, folder, tmp_path, monkeypatch):
    whole_run(folder, tmp_path / "whole")

    def killed(*_):
        raise SystemExit

    with (
        monkeypatch.context() as patch,
        pytest.raises(SystemExit),
        opened(tmp_path / "out", force=False) as ledger,
    ):
        tool = maker(folder, ledger.folder)
        ledger.resume(SETTINGS, anew=False)
        for shard in planned(tool):
            ledger.note(tool.make(shard).done)
        patch.setattr(Path, step, killed)
        ledger.finish()
    assert whole_run(folder, tmp_path / "out") == []
    assert contents(tmp_path / "out") == contents(tmp_path / "whole")


def test_another_model_is_refused_and_force_begins_anew(folder, tmp_path):
    whole_run(folder, tmp_path / "out", until=2)
    with pytest.raises(OtherRun, match="another model"):
        whole_run(folder, tmp_path / "out", settings={"model": "other"})
    assert whole_run(folder, tmp_path / "out", until=1) == [2]
    assert whole_run(folder, tmp_path / "out", settings={"model": "other"}, force=True) == [0, 1, 2, 3]


def test_the_unfinished_output_of_one_machine_is_not_swept_away(folder, tmp_path):
    partial = folder_of(tmp_path / "out")
    partial.mkdir()
    (partial / "journal.json").write_text("{}", encoding="utf-8")
    with pytest.raises(OtherRun, match="another engine"):
        whole_run(folder, tmp_path / "out")
    assert (partial / "journal.json").exists()


def test_a_finished_output_is_replaced_by_force_alone_and_only_where_it_is_ours(folder, tmp_path):
    whole_run(folder, tmp_path / "out")
    with pytest.raises(OutputExists, match="T601"):
        whole_run(folder, tmp_path / "out")
    assert whole_run(folder, tmp_path / "out", force=True) == [0, 1, 2, 3]
    (tmp_path / "out" / "thesis.doc").write_text("mine", encoding="utf-8")
    with pytest.raises(OutputFailed, match=r"thesis\.doc"):
        whole_run(folder, tmp_path / "out", force=True)
    (tmp_path / "out" / MANIFEST).unlink()
    with pytest.raises(OutputFailed, match="no folder of shards"):
        whole_run(folder, tmp_path / "out", force=True)
    assert (tmp_path / "out" / "thesis.doc").exists()


def test_two_runs_on_one_output_and_a_run_without_a_shard_leave_nothing_behind(folder, tmp_path):
    with opened(tmp_path / "out", force=False), pytest.raises(OutputBusy, match="T602"):
        whole_run(folder, tmp_path / "out")
    assert whole_run(folder, tmp_path / "out", until=0) == []
    assert not folder_of(tmp_path / "out").exists()


def test_the_manifest_lists_every_shard_and_the_sums(folder, tmp_path):
    whole_run(folder, tmp_path / "out")
    manifest = json.loads((tmp_path / "out" / MANIFEST).read_text(encoding="utf-8"))
    assert manifest["settings"] == SETTINGS
    assert manifest["totals"]["documents"] == 23
    assert [shard["file"] for shard in manifest["shards"]] == [f"shard-00000{n}.conllu" for n in range(4)]
    assert sorted(contents(tmp_path / "out")) == [MANIFEST, *(shard["file"] for shard in manifest["shards"])]
    sizes = {shard["file"]: shard["bytes"] for shard in manifest["shards"]}
    assert {name: len(data) for name, data in contents(tmp_path / "out").items() if name in sizes} == sizes


def test_input_without_a_document_gives_one_empty_shard(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("\n\n", encoding="utf-8")
    assert whole_run(tmp_path / "in", tmp_path / "out") == [0]
    assert (tmp_path / "out" / "shard-000000.conllu").read_bytes() == b""
