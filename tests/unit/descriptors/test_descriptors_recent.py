from concurrent.futures import ThreadPoolExecutor

from descriptors.diagnostics import Diagnostics
from descriptors.limits import Limits
from descriptors.recent import Recent
from descriptors.tosca.documents import parse


def test_what_was_asked_for_longest_ago_goes_first():
    """The total weight is bounded; asking for a value keeps it."""
    recent = Recent(capacity=8)
    for name in ("a", "b", "c", "d"):
        recent.put(name, name.upper(), weight=2)
    assert recent.get("a") == "A"
    recent.put("e", "E", weight=2)
    assert (recent.get("a"), recent.get("b"), recent.get("e")) == ("A", None, "E")


def test_one_giant_does_not_drive_out_the_rest():
    """What weighs more than a quarter of everything is not kept."""
    recent = Recent(capacity=8)
    recent.put("small", 1, weight=1)
    recent.put("giant", 2, weight=3)
    assert (recent.get("small"), recent.get("giant")) == (1, None)


def test_threads_may_use_it_at_once():
    """Whatever the order, the bound holds and values belong to their keys."""
    recent = Recent(capacity=40)

    def use(number):
        recent.put(number % 20, number % 20, weight=4)
        return recent.get(number % 20) in (None, number % 20)

    with ThreadPoolExecutor(8) as threads:
        assert all(threads.map(use, range(2000)))
    assert sum(recent.get(number) is not None for number in range(20)) <= 10


def test_the_same_bytes_are_parsed_once_and_reported_each_time():
    """A second file with the same content shares the values and has its findings under its own name."""
    data = b"a: 1\na: {b: 2}\n"
    documents, found = [], []
    for file in ("one.yaml", "two.yaml"):
        diagnostics = Diagnostics()
        documents.append(parse(file, data, Limits(), diagnostics))
        found += [(finding.file, finding.line) for finding in diagnostics.found]
    assert documents[0].root is documents[1].root
    assert [document.place(("a", "b")) for document in documents] == [(2, 5), (2, 5)]
    assert found == [("one.yaml", 2), ("two.yaml", 2)]


def test_limits_are_part_of_the_question():
    """A document that was parsed within wide limits is refused within narrow ones."""
    data = b"[1, 2, 3, 4, 5]"
    assert parse("f.yaml", data, Limits(), Diagnostics()) is not None
    assert parse("f.yaml", data, Limits(nodes=3), Diagnostics()) is None
