"""Agreement with tosca-parser on all that it accepts."""

import pytest
from second_opinion_agreement import ACCEPTED_THERE, CORPUS, PAGE, disagreement, page, refused_here

from descriptors.onboarding import read_package
from descriptors.second_opinion.opinion import NoOpinionError, SecondReader, available, second_opinion

SAMPLE = 6  # every so manieth of what it accepts is read by both at each run of the tests

pytestmark = [
    pytest.mark.skipif(not CORPUS.is_dir(), reason="the corpus of real packages is not at MANO_SHARED"),
    pytest.mark.skipif(not available(), reason="tosca-parser is not installed"),
]


def accepted_there():
    return ACCEPTED_THERE.read_text().splitlines()


@pytest.fixture(scope="module")
def refused():
    return refused_here(accepted_there())


def test_what_is_accepted_there_and_refused_here_is_on_the_page_with_the_reason(refused):
    """Nothing that tosca-parser accepts is refused here in silence."""
    expected = "run `python tests/contract/descriptors/second_opinion_agreement.py`"
    assert PAGE.read_text() == page(accepted_there(), refused), expected


def test_both_find_the_same_in_what_both_accept(refused):
    """Nodes, types, requirements, policies, groups, inputs and outputs are the same."""
    both = [path for path in accepted_there() if path not in refused]
    with SecondReader() as reader:
        found = {path: disagreement(reader, CORPUS / path) for path in both[::SAMPLE]}
    assert not {path: differing for path, differing in found.items() if differing}


def test_a_refusal_comes_with_its_reason(tmp_path):
    """tosca-parser's own words, without its stack."""
    template = tmp_path / "service.yaml"
    template.write_text("tosca_definitions_version: tosca_simple_yaml_1_3\nnonsense: {}\n")
    opinion = second_opinion(template, read_package(template))
    assert not opinion.accepted
    assert "nonsense" in opinion.why
    assert "File " not in opinion.why


def test_other_nodes_are_told_apart(tmp_path):
    """A node template that only one reader sees is named."""
    template = tmp_path / "service.yaml"
    head = "tosca_definitions_version: tosca_simple_yaml_1_3\ntopology_template:\n  node_templates:\n"
    template.write_text(head + "    one: { type: tosca.nodes.Compute }\n")
    ours = read_package(template)
    template.write_text(head + "    two: { type: tosca.nodes.Compute }\n")
    with SecondReader() as reader:
        other = reader.opinion(template).topology
    template.write_text(head + "    one: { type: tosca.nodes.Compute }\n")
    assert second_opinion(template, ours).differences == ()
    assert other.nodes == {"two": "tosca.nodes.Compute"}


def test_a_reader_that_has_gone_is_told():
    """No answer is not taken for an opinion."""
    with SecondReader() as reader:
        pass
    with pytest.raises(NoOpinionError):
        reader.opinion(CORPUS)
