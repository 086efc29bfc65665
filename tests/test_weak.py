"""Dictionaries by identity, as torch's."""

import copy
import gc

import pytest
import torch
from reference import assert_same_outcome
from torch.utils import weak as theirs

import spiraltorch_rs as st
from spiraltorch_rs.utils import weak as ours


class Equal:
    """Equal to every other; there is no hash of it."""

    def __eq__(self, other):
        return True


@pytest.mark.parametrize(("lib", "module"), [(st, ours), (torch, theirs)])
def test_keys_are_what_they_are_and_go(lib, module):
    one, two, tensor = Equal(), Equal(), lib.ones(2)
    known = module.WeakIdKeyDictionary({tensor: 2})
    known[one] = 1
    known[two] = 3
    assert (known[one], known[two], known[tensor]) == (1, 3, 2)
    assert lib.ones(2) not in known
    assert 5 not in known
    other = copy.copy(known)
    del known[one]
    assert (len(known), len(other)) == (2, 3)
    assert {id(key) for key in known} == {id(two), id(tensor)}
    assert list(known.values()) == [2, 3]
    assert [reference() is key for reference, key in zip(known.keyrefs(), known, strict=True)] == [True, True]
    del tensor
    gc.collect()
    assert len(known) == 1
    assert known.pop(two) == 3
    assert known.setdefault(two, 4) == 4


@pytest.mark.parametrize(
    "wrong",
    [
        lambda w: w.WeakIdKeyDictionary()[Equal()],
        lambda w: w.WeakIdKeyDictionary().__delitem__(Equal()),
        lambda w: w.WeakIdKeyDictionary().__setitem__(5, 1),
    ],
)
def test_errors(wrong):
    assert_same_outcome(lambda: wrong(ours), lambda: wrong(theirs))
