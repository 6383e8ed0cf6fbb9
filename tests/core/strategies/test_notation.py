"""The text form of a system: hand-written cases, positions of mistakes, round trips."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.errors import InvalidInputError
from core.strategies.notation import MAX_DEPTH, NotationError, Spec, format_spec, parse

BM25 = Spec(strategy="bm25")
MINILM = Spec(strategy="bi-encoder", models=(("", "all-minilm-l6-v2"),))


@pytest.mark.parametrize(
    ("text", "spec"),
    [
        ("bm25", BM25),
        ("bi-encoder:all-minilm-l6-v2", MINILM),
        ("x:BAAI/bge-reranker_v2.m3", Spec(strategy="x", models=(("", "BAAI/bge-reranker_v2.m3"),))),
        ("x:a:b", Spec(strategy="x", models=(("", "a:b"),))),
        ("x?k=5&a=b", Spec(strategy="x", parameters=(("a", "b"), ("k", "5")))),
        ("x:m?k=", Spec(strategy="x", models=(("", "m"),), parameters=(("k", ""),))),
        ("x?k=a%20%26%28", Spec(strategy="x", parameters=(("k", "a &("),))),
        ("x:judge=m1+model=m2", Spec(strategy="x", models=(("judge", "m1"), ("model", "m2")))),
        ("x:m2+judge=m1", Spec(strategy="x", models=(("", "m2"), ("judge", "m1")))),
        ("rrf?of=(bm25,bi-encoder:all-minilm-l6-v2)", Spec(strategy="rrf", members=(BM25, MINILM))),
        ("  rrf?of=( bm25 , bi-encoder:all-minilm-l6-v2 ) ", Spec(strategy="rrf", members=(BM25, MINILM))),
        ("((bm25))", BM25),
        (
            "rrf?of=(bm25,(rrf?of=(bm25,x)&k=1))&k=2",
            Spec(
                strategy="rrf",
                parameters=(("k", "2"),),
                members=(
                    BM25,
                    Spec(strategy="rrf", parameters=(("k", "1"),), members=(BM25, Spec(strategy="x"))),
                ),
            ),
        ),
        (
            "rrf?of=(x?k=5&l=6,bm25)",  # a member with a setting but without parentheses
            Spec(strategy="rrf", members=(Spec(strategy="x", parameters=(("k", "5"), ("l", "6"))), BM25)),
        ),
    ],
)
def test_reads(text, spec):
    assert parse(text) == spec


@pytest.mark.parametrize(
    ("spec", "text"),
    [
        (BM25, "bm25"),
        (Spec(strategy="x", parameters=(("k", "5"), ("a", "b c"))), "x?a=b%20c&k=5"),
        (Spec(strategy="x", models=(("", "a b?(c)"),)), "x:a%20b%3F%28c%29"),
        (Spec(strategy="x", models=(("model", "m"), ("judge", "j"))), "x:judge=j+model=m"),
        (
            Spec(
                strategy="rrf",
                parameters=(("k", "2"), ("z", "1")),
                members=(BM25, Spec(strategy="rrf", members=(BM25, MINILM))),
            ),
            "rrf?k=2&of=(bm25,(rrf?of=(bm25,bi-encoder:all-minilm-l6-v2)))&z=1",
        ),
    ],
)
def test_writes(spec, text):
    assert format_spec(spec) == text


@pytest.mark.parametrize(
    ("text", "position", "expected"),
    [
        ("", 0, "name of a strategy"),
        ("?k=1", 0, "name of a strategy"),
        ("bm25:", 5, "id of a model"),
        ("bm25:?k=1", 5, "id of a model"),
        ("bm25?", 5, "name of a parameter"),
        ("bm25?k", 6, '"="'),
        ("bm25?k=1&", 9, "name of a parameter"),
        ("bm25?k=1&k=2", 9, "only once"),
        ("rrf?of=(bm25", 12, 'closing ")"'),
        ("rrf?of=(bm25,)", 13, "name of a strategy"),
        ("rrf?of=bm25", 7, '"("'),
        ("rrf?of=()", 8, "name of a strategy"),
        ("rrf?of=(a,b)&of=(a,b)", 13, "only once"),
        ("(bm25", 5, 'closing ")"'),
        ("bm25)", 4, "the end"),
        ("bm25 x", 5, "the end"),
        ("bm25?k=%2", 7, "hexadecimal"),
        ("bm25?k=%ff", 7, "UTF-8"),
        ("bm25?k=1=2", 8, "the end"),
        ("x:m1+m2", 5, "one model per slot"),
        ("x:a=m1+a=m2", 7, "one model per slot"),
        ("x:a b=m1", 2, "name of a slot"),
    ],
)
def test_mistakes_have_a_position(text, position, expected):
    with pytest.raises(NotationError) as caught:
        parse(text)
    assert caught.value.position == position
    assert expected in str(caught.value)
    assert f"character {position + 1}" in str(caught.value)


def test_depth_and_length_are_bounded():
    assert parse("(" * MAX_DEPTH + "bm25" + ")" * MAX_DEPTH) == BM25
    with pytest.raises(NotationError, match="nested"):
        parse("(" * 500 + "bm25" + ")" * 500)
    with pytest.raises(InvalidInputError, match="at most"):
        parse("x" * 5000)


names = st.from_regex(r"[a-z][a-z0-9-]{0,6}", fullmatch=True)
settings_names = names.filter(lambda name: name != "of")
values = st.text(max_size=8)
models = st.text(min_size=1, max_size=8)


def spec_of(members):
    return st.builds(
        lambda strategy, model, parameters, members: Spec(
            strategy=strategy,
            models=tuple(sorted(model.items())),
            parameters=tuple(sorted(parameters.items())),
            members=tuple(members),
        ),
        names,
        st.one_of(
            st.just({}),
            st.builds(lambda model: {"": model}, models),
            st.dictionaries(names, models, min_size=1, max_size=3),
        ),
        st.dictionaries(settings_names, values, max_size=3),
        members,
    )


specs = st.recursive(
    spec_of(st.just(())), lambda inner: spec_of(st.lists(inner, max_size=3).map(tuple)), max_leaves=5
).filter(lambda spec: len(format_spec(spec)) < 4000)


@given(specs)
def test_round_trip(spec):
    assert parse(format_spec(spec)) == spec


@given(st.text(alphabet="ab1:?=&(),+% -of", max_size=30))
def test_anything_is_read_or_refused(text):
    try:
        canonical = format_spec(parse(text))
    except NotationError as error:
        position = error.position
    else:
        position = 0
        assert format_spec(parse(canonical)) == canonical
    assert 0 <= position <= len(text)
