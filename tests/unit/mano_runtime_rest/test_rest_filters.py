"""Attribute filters choose the entries of a list (SOL013 5.2)."""

import pytest

from mano_runtime.rest.filters import narrowing, parse_filter
from mano_runtime.rest.problems import ProblemError

VNF = {
    "id": "1",
    "vnfInstanceName": "edge, router's (1)",
    "flavours": 3,
    "load": 2.5,
    "scaled": True,
    "startedAt": "2026-03-01T10:00:00Z",
    "instantiatedVnfInfo": {
        "flavourId": "small",
        "vnfcResourceInfo": [{"vduId": "router", "zone": "a"}, {"vduId": "probe"}],
    },
    "metadata": {"team/owner": "north", "a,b": "c"},
    "tags": ["blue", "green"],
}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "(eq,id,1)",
        "(neq,id,2)",
        "(in,id,3,2,1)",
        "(nin,id,2,3)",
        "(gt,flavours,2)",
        "(gte,flavours,3.0)",
        "(lt,load,10)",
        "(lte,load,2.5)",
        "(eq,flavours,3.0)",
        "(eq,scaled,true)",
        "(gt,startedAt,2026-03-01T11:59:59+02:00)",
        "(lt,startedAt,2026-03-02)",
        "(eq,startedAt,2026-03-01T11:00:00+01:00)",
        "(cont,vnfInstanceName,dge)",
        "(cont,vnfInstanceName,nothing,router)",
        "(ncont,vnfInstanceName,switch,probe)",
        "(eq,vnfInstanceName,'edge, router''s (1)')",
        "(eq,instantiatedVnfInfo/flavourId,small)",
        "(eq,instantiatedVnfInfo/vnfcResourceInfo/vduId,probe)",
        "(neq,instantiatedVnfInfo/vnfcResourceInfo/vduId,switch)",
        "(eq,tags,green)",
        "(eq,metadata/team~1owner,north)",
        "(eq,metadata/a~ab,c)",
        "(eq,metadata/@key,team/owner)",
        "(eq,id,1);(gt,flavours,2);(cont,tags,lu)",
    ],
)
def test_an_entry_that_fits_is_chosen(text):
    """Every operator, nesting, arrays, keys of maps, quoting and conjunction accept what fits."""
    assert parse_filter(text)(VNF) is True


@pytest.mark.parametrize(
    "text",
    [
        "(eq,id,2)",
        "(neq,id,1)",
        "(in,id,2,3)",
        "(nin,id,1,2)",
        "(gt,flavours,3)",
        "(lt,flavours,many)",
        "(gt,scaled,0)",
        "(eq,scaled,True)",
        "(gt,startedAt,2026-03-01T10:00:00Z)",
        "(cont,vnfInstanceName,switch)",
        "(neq,tags,blue)",
        "(eq,absent,1)",
        "(neq,absent,1)",
        "(eq,instantiatedVnfInfo,small)",
        "(eq,id/deeper,1)",
        "(eq,id,1);(eq,id,2)",
    ],
)
def test_an_entry_that_does_not_fit_is_not_chosen(text):
    """What differs, lacks the attribute or cannot be compared is left out, and a negation is about every element."""
    assert parse_filter(text)(VNF) is False


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("id=1", "at character 1"),
        ("(eq,id)", r"expected '\(operator,attribute,value\)' at character 1"),
        ("(is,id,1)", "'is' at character 2 is no operator; there are cont, eq"),
        ("(eq,id,1,2)", "'eq' takes one value, not 2"),
        ("(eq,id,1", "expected ',' or '\\)' after a value at character 9, found the end"),
        ("(eq,id,'1)", "after a value"),
        ("(eq,id,1);", "';' and another bracket"),
        ("(eq,id,1)(eq,id,2)", "at character 10"),
        ("(eq,id,1),(eq,id,2)", "at character 10"),
    ],
)
def test_a_malformed_filter_is_refused_with_its_place(text, complaint):
    """The problem is a 400 that tells where the filter is wrong."""
    with pytest.raises(ProblemError, match=complaint) as refusal:
        parse_filter(text)
    assert refusal.value.status == 400


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("", {}),
        ("(eq,state,UP)", {"state": ["UP"]}),
        ("(in,state,UP,DOWN);(in,state,DOWN,GONE)", {"state": ["DOWN"]}),
        ("(eq,state,UP);(eq,state,DOWN)", {"state": []}),
        ("(eq,vnf/id,1);(eq,name,edge)", {"vnf": ["1"]}),
        ("(neq,state,UP);(cont,state,U);(nin,state,UP)", {}),
    ],
)
def test_a_filter_narrows_what_is_indexed(text, columns):
    """Only what every accepted entry must equal is handed to storage."""
    assert narrowing(text, {"state": "state", "vnf/id": "vnf"}) == columns
