"""annotate over Ray: what two workers write is what one machine writes, whoever dies on the way."""

from __future__ import annotations

import json
import os
import secrets
import signal
import socket
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import fakes
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from turkic_nlp.annotate import annotate as on_one_machine
from turkic_nlp.annotate import cluster, workers
from turkic_nlp.cli import main
from turkic_nlp.errors import (
    BadOption,
    ClusterFailed,
    DocumentFailed,
    Interrupted,
    MissingExtra,
    NoDevice,
    OtherRun,
)

TESTS = Path(__file__).parent
SETTINGS = {"model": "fake 1.0"}


def killer_pipeline_for(lang):
    """A pipeline whose process dies at the first batch, if it takes the bait."""
    nlp = fakes.pipeline_for(lang)
    bait = Path(os.environ["TURKIC_NLP_TEST_BAIT"])
    if bait.exists():
        bait.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return nlp


@pytest.fixture(scope="module")
def ray(tmp_path_factory):
    """Ray on this machine with two cores, seen by the workers as two places for an actor."""
    pytest.importorskip("ray", reason="needs the extra `cluster`: pip install 'spacy-turkic[cluster]'")
    bait = tmp_path_factory.mktemp("bait") / "bait"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", f"{TESTS.parent}{os.pathsep}{TESTS}")
        patch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))  # else Ray leaves one in the home folder
        patch.setenv("TURKIC_NLP_TEST_BAIT", str(bait))
        patch.setenv("OMP_NUM_THREADS", "1")
        with workers.connected(n_process=2):
            yield bait


@pytest.fixture
def folder(tmp_path):
    """Text, JSON lines and Parquet, 40 documents."""
    path = tmp_path / "in"
    path.mkdir()
    (path / "a.txt").write_text("".join(f"Айгүл {n} келди. Ал күлдү.\n" for n in range(20)), encoding="utf-8")
    lines = [json.dumps({"id": f"j{n}", "text": f"Бекзат {n} Ошко барды."}) for n in range(15)]
    (path / "b.jsonl").write_text("\n".join(lines), encoding="utf-8")
    table = {"text": [f"Ал {n} окуду." for n in range(5)], "lang": ["ky", None, "uz", "ky", "ky"]}
    pq.write_table(pa.table(table), path / "c.parquet")
    return path


OPTIONS = {"pipeline_for": fakes.pipeline_for, "lang": "ky", "batch_size": 3, "settings": SETTINGS}


def go(folder, output, **options):
    return cluster.annotate([folder], output, **{**OPTIONS, "shard_batches": 2, "n_process": 2, **options})


def joined(output):
    return b"".join(path.read_bytes() for path in sorted(output.glob("shard-*")))


def stop_after(documents):
    def interrupt(tally):
        if tally.documents >= documents:
            raise KeyboardInterrupt

    return interrupt


def test_a_run_that_was_stopped_goes_on_to_the_output_of_one_machine(ray, folder, tmp_path):
    on_one_machine([folder], tmp_path / "one", **OPTIONS)
    with pytest.raises(Interrupted, match="after 12 documents"):
        go(folder, tmp_path / "out", progress=stop_after(12))
    assert not (tmp_path / "out").exists()
    summary = go(folder, tmp_path / "out")
    assert (summary.documents, summary.before) == (28, 12)
    assert joined(tmp_path / "out") == (tmp_path / "one").read_bytes()
    assert len(list((tmp_path / "out").iterdir())) == 8


def test_a_worker_that_dies_is_replaced_and_a_bad_document_is_told_and_left_out(
    ray, folder, tmp_path, caplog
):
    (folder / "d.txt").write_text("Ал.\nкатастрофа\nАл.\n", encoding="utf-8")
    ray.touch()
    summary = go(folder, tmp_path / "out", pipeline_for=killer_pipeline_for, on_error="skip")
    assert not ray.exists()
    assert "a worker died of Shard" in caplog.text
    assert "[T608] d.txt:2" in caplog.text
    assert (summary.documents, summary.skipped) == (43, 1)
    on_one_machine([folder], tmp_path / "one", on_error="skip", **OPTIONS)
    assert joined(tmp_path / "out") == (tmp_path / "one").read_bytes()
    assert list((tmp_path / "out").glob("*.new")) == []


def test_a_cluster_without_a_gpu_says_so_and_has_a_worker_for_each_core(ray):
    assert (workers.worker_device("auto"), workers.worker_count("cpu")) == ("cpu", 2)
    with pytest.raises(NoDevice, match="T612"):
        workers.worker_device("cuda")


@pytest.mark.model
def test_the_command_writes_the_bytes_of_the_local_engine_with_the_shipped_model(
    ray, tmp_path, monkeypatch, capsys
):
    text = "Мен кітап оқыдым.\nБишкек — Кыргызстандын борбору.\nToshkent katta shahar.\nOl kitap okady.\n"
    (tmp_path / "in.txt").write_text(text * 5, encoding="utf-8")

    def call(*arguments):
        start = ["turkic-nlp", "annotate", str(tmp_path / "in.txt"), "--device", "cpu", "--batch-size", "4"]
        monkeypatch.setattr(sys, "argv", [*start, "--format", "jsonl", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 0
        return capsys.readouterr()

    call("-o", tmp_path / "one")
    said = call("-o", tmp_path / "out", "--engine", "ray", "--n-process", 2, "--shard-batches", 2)
    assert said.out == ""
    assert said.err.endswith("words/s) on 2 x cpu\n")
    assert said.err.count("\n") == 1
    assert joined(tmp_path / "out") == (tmp_path / "one").read_bytes()


BAD = [
    ({"sources": [Path("-")]}, "sources: '-'"),
    ({"output": Path("-")}, "output: '-'"),
    ({"shard_batches": 0}, "shard-batches: '0'"),
    ({"n_process": 0}, "n-process: '0'"),
]


@pytest.mark.parametrize(("options", "said"), BAD)
def test_options_that_a_cluster_cannot_have_are_refused(options, said, tmp_path):
    with pytest.raises(BadOption, match=said):
        cluster.annotate(**{"sources": [tmp_path], "output": tmp_path / "out", **OPTIONS, **options})


def test_without_ray_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(MissingExtra, match=r"pip install 'spacy-turkic\[cluster\]'"):
        workers.ray_module()


class FakeRay:
    """As much of Ray as a pool needs, in this process; ``die`` says how often each job or start fails."""

    class exceptions:  # noqa: N801
        RayError = type("RayError", (Exception,), {})
        RayActorError = type("RayActorError", (RayError,), {})

    def __init__(self, die=()):
        self.die = dict(die)
        self.killed = 0

    def is_initialized(self):
        return False

    def put(self, tools):
        return tools

    def remote(self, **resources):
        self.resources = resources
        return lambda cls: SimpleNamespace(remote=lambda tools: self.actor(cls(tools)))

    def actor(self, worker):
        start = SimpleNamespace(remote=lambda: partial(self.call, "start", worker.version))
        do = SimpleNamespace(remote=lambda method, job: partial(self.call, job, worker.do, method, job))
        return SimpleNamespace(version=start, do=do)

    def call(self, key, function, *arguments):
        if self.die.get(key, 0):
            self.die[key] -= 1
            raise self.exceptions.RayActorError("The actor died.\nOut of memory.")
        return function(*arguments)

    def wait(self, refs, *, num_returns, timeout):
        return refs[:num_returns], refs[num_returns:]

    def get(self, ref):
        return ref()

    def kill(self, actor):
        self.killed += 1


def test_a_cluster_that_is_not_there_is_a_numbered_error(monkeypatch):
    monkeypatch.setattr(workers, "ray_module", FakeRay)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    for address in (f"127.0.0.1:{port}", f"ray://127.0.0.1:{port}"):
        with pytest.raises(ClusterFailed, match=f"no connection to {address}"), workers.connected(address):
            pass


def pooled(monkeypatch, die, *, device="cpu"):
    ray = FakeRay(die)
    monkeypatch.setattr(workers, "ray_module", lambda: ray)
    tools = SimpleNamespace(double=lambda number: 2 * number)
    with workers.Pool(tools, count=2, device=device) as pool:
        return dict(pool.run("double", range(5))), ray


@pytest.mark.parametrize("die", [{}, {3: 1}, {0: workers.TRIES - 1, 4: 1}, {"start": workers.TRIES - 1}])
def test_every_job_is_done_though_workers_die(die, monkeypatch):
    done, ray = pooled(monkeypatch, die)
    assert done == {0: 0, 1: 2, 2: 4, 3: 6, 4: 8}
    assert ray.killed == 2
    assert not any(ray.die.values())


HOPELESS = [
    ({3: 99}, "4 workers died of 3 (Out of memory)"),
    ({"start": 99}, "workers do not start (Out of memory)"),
]


@pytest.mark.parametrize(("die", "said"), HOPELESS)
def test_workers_that_die_again_and_again_end_the_run(die, said, monkeypatch):
    with pytest.raises(ClusterFailed) as caught:
        pooled(monkeypatch, die)
    assert said in str(caught.value)


def test_a_worker_with_another_version_of_the_package_is_refused(monkeypatch):
    monkeypatch.setattr(workers.Worker, "version", lambda self: "0.0.1")
    with pytest.raises(ClusterFailed, match=r"a worker has spacy-turkic 0\.0\.1"):
        pooled(monkeypatch, {})


def test_a_bad_document_stops_the_run_and_the_shards_before_it_stay(folder, tmp_path, monkeypatch):
    monkeypatch.setattr(workers, "ray_module", FakeRay)
    (folder / "a.txt").write_text("Ал.\n" * 9 + "катастрофа\n", encoding="utf-8")
    with pytest.raises(DocumentFailed, match=r"a\.txt:10"):
        go(folder, tmp_path / "out", n_process=1)
    (folder / "a.txt").write_text("Ал.\n" * 9 + "катастроф.\n", encoding="utf-8")
    with pytest.raises(OtherRun, match="another input"):
        go(folder, tmp_path / "out")
    (folder / "a.txt").write_text("Ал.\n" * 9 + "катастрофа\n", encoding="utf-8")
    with pytest.raises(OtherRun, match="another model"):
        go(folder, tmp_path / "out", settings={"model": "other"})
    assert go(folder, tmp_path / "out", on_error="skip").before == 6
    on_one_machine([folder], tmp_path / "one", on_error="skip", **OPTIONS)
    assert joined(tmp_path / "out") == (tmp_path / "one").read_bytes()


def test_an_output_among_the_inputs_is_not_read(folder, monkeypatch):
    monkeypatch.setattr(workers, "ray_module", FakeRay)
    for _ in range(2):
        assert go(folder, folder / "out", force=True).documents == 40


@pytest.mark.parametrize(("device", "gpus"), [("cpu", 0), ("cuda", 1)])
def test_a_worker_asks_for_a_core_and_under_cuda_for_a_gpu(device, gpus, monkeypatch):
    _, ray = pooled(monkeypatch, {}, device=device)
    assert ray.resources == {"num_cpus": 1, "num_gpus": gpus}
