"""A head starts from what another learned: everything, or what its labels share with the other's."""

import pytest
import torch
from tiny import gold_docs

from turkic_nlp.heads import HEADS
from turkic_nlp.storage import write_head
from turkic_nlp.training.going_on import go_on, start_from


def a_head(task, seed, docs, styles=("a",), **options):
    torch.manual_seed(seed)
    settings = HEADS[task].learn_settings(docs, **({"width": 8} | options))
    head = HEADS[task]({**settings, "word_width": 4, "styles": list(styles)})
    for weight in head.parameters():  # some are zero in a new head
        torch.nn.init.normal_(weight)
    return head


@pytest.mark.parametrize("task", HEADS)
def test_with_the_same_labels_all_weights_are_taken_over(task, tmp_path):
    before, head = (a_head(task, seed, gold_docs()) for seed in (1, 2))
    before.remember(gold_docs(), "a")
    write_head(before, tmp_path, style="a")
    go_on(head, task, tmp_path)
    theirs = dict(before.named_parameters())
    assert all(torch.equal(weight, theirs[name]) for name, weight in head.named_parameters())


@pytest.mark.parametrize("task", HEADS)
def test_what_is_of_shared_labels_is_taken_over_and_the_rest_stays(task):
    before = a_head(task, 1, gold_docs()[:5], ["b", "c"])
    head, fresh = (a_head(task, 2, gold_docs()[2:], ["a", "b"]) for _ in range(2))
    start_from(head, before)
    known, old = head.labelled(), before.labelled()
    theirs, as_new = dict(before.named_parameters()), dict(fresh.named_parameters())
    for name, weight in head.named_parameters():
        if name not in known:
            assert torch.equal(weight, theirs[name])
            continue
        for place, label in enumerate(known[name][0]):
            row, columns = weight[place], known[name][1:]
            if label not in old[name][0]:
                assert torch.equal(row, as_new[name][place])
            elif not columns:
                assert torch.equal(row, theirs[name][old[name][0].index(label)])
            else:
                of_old = theirs[name][old[name][0].index(label)]
                for column, inner in enumerate(columns[0]):
                    is_shared = inner in old[name][1]
                    wanted = of_old[old[name][1].index(inner)] if is_shared else as_new[name][place, column]
                    assert row[column] == wanted


@pytest.mark.parametrize("options", [{"width": 6}, {"width": 8, "reach": 2}])
def test_a_head_of_other_sizes_stays_as_it_is(options):
    before = a_head("parser", 1, gold_docs(), reach=0, arc_width=6, relation_width=4)
    head, fresh = (
        a_head("parser", 2, gold_docs(), **{"reach": 0, "arc_width": 6, "relation_width": 4} | options)
        for _ in range(2)
    )
    start_from(head, before)
    same = zip(head.parameters(), fresh.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in same)


def test_every_labelled_weight_has_as_many_rows_and_columns_as_labels():
    for task in HEADS:
        head = a_head(task, 1, gold_docs())
        weights = dict(head.named_parameters())
        for name, labels in head.labelled().items():
            assert list(weights[name].shape[: len(labels)]) == [len(one) for one in labels]
