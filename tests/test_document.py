"""A planner's file is read, or every fault in it is told in plain words at its line and column."""

from __future__ import annotations

import datetime
import enum
import os
import pathlib
import re
import time
from collections.abc import Iterable
from typing import Annotated, Any, Literal

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, Field, model_validator

from calibration.document import BadDocument, Checks, Document, Problem, load, read

Fips = Annotated[str, Field(pattern=r"^\d{5}$")]
Share = Annotated[float, Field(ge=0, le=1)]


class Cadence(enum.Enum):
    daily = "daily"
    weekly = "weekly"


class Quantity(BaseModel):
    value: float
    unit: str

    @model_validator(mode="after")
    def _known_unit(self) -> Quantity:
        if self.value > 1000:
            raise ValueError("more than a county has")
        if self.unit != "beds":
            raise ValueError("the unit must be beds")
        return self


class Opening(BaseModel):
    kind: Literal["opening"]
    date: datetime.date


class Closing(BaseModel):
    kind: Literal["closing"]
    date: datetime.date
    reason: str


Lever = Annotated[Opening | Closing, Field(discriminator="kind")]


class County(BaseModel):
    fips: Fips = "06013"
    name: str = ""
    capacity: Annotated[int, Field(ge=0)] = 0
    share: Share = 0.5
    limit: Annotated[float, Field(ge=0, allow_inf_nan=False)] | Literal["unlimited"] = 0
    open: bool = True
    start: datetime.date = datetime.date(2027, 7, 1)
    cadence: Cadence = Cadence.daily
    size: Literal["small", "large"] = "small"
    beds: Quantity | None = None
    levers: list[Lever] = []
    by_county: dict[Fips, Share] = {}
    pair: tuple[int, ...] = ()


class Strict(BaseModel):
    capacity: int
    beds: Quantity


def _write(folder: pathlib.Path, text: str | bytes) -> pathlib.Path:
    path = folder / "county.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.fixture
def told(tmp_path: pathlib.Path) -> Any:
    """What is said of a text: line:column: field: message, for each problem."""

    def tell(
        text: str | bytes, model: type[BaseModel] = County, checks: Checks[Any] | None = None
    ) -> list[str]:
        path = _write(tmp_path, text)
        with pytest.raises(BadDocument) as caught:
            load(path, model, extra_checks=checks)
        assert all("\n" not in str(each) for each in caught.value.problems)
        return [str(each).removeprefix(f"{path}:") for each in caught.value.problems]

    return tell


@pytest.fixture
def county(tmp_path: pathlib.Path) -> Any:
    """The county that a text describes."""
    return lambda text: load(_write(tmp_path, text), County)


# --- What is read ---


def test_a_good_file_becomes_the_model(county: Any) -> None:
    read_county = county("fips: '06013'\ncapacity: 12\nshare: .25\n")
    assert (read_county.fips, read_county.capacity, read_county.share) == ("06013", 12, 0.25)


def test_an_iso_date_becomes_a_date(county: Any) -> None:
    assert county("start: 2028-01-31").start == datetime.date(2028, 1, 31)


def test_no_stays_text(county: Any) -> None:
    assert county("name: NO").name == "NO"


def test_true_is_a_truth_value(county: Any) -> None:
    assert county("open: false").open is False


def test_a_list_may_become_a_tuple(county: Any) -> None:
    assert county("pair: [1, 2]").pair == (1, 2)


def test_a_key_keeps_its_leading_zero(county: Any) -> None:
    assert county("by_county: {06013: 0.5}").by_county == {"06013": 0.5}


def test_a_word_may_stand_for_a_number(county: Any) -> None:
    assert county("limit: unlimited").limit == "unlimited"


def test_a_byte_order_mark_is_passed_over(county: Any) -> None:
    assert county("\ufeffname: Contra Costa").name == "Contra Costa"


# --- Files that cannot be read ---


def _refusal(path: pathlib.Path) -> str:
    with pytest.raises(BadDocument) as caught:
        read(path)
    return str(caught.value)


def test_a_missing_file_is_told(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "none.yaml"
    assert _refusal(path) == f"{path}:1:1: (file): There is no such file."


def test_a_folder_is_told(tmp_path: pathlib.Path) -> None:
    assert "This is a folder, not a file." in _refusal(tmp_path)


def test_an_unreadable_file_is_told(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def forbid(self: pathlib.Path) -> bytes:
        raise PermissionError

    monkeypatch.setattr(pathlib.Path, "read_bytes", forbid)
    assert "permission is denied" in _refusal(_write(tmp_path, "a: 1"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_is_refused_without_waiting(tmp_path: pathlib.Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not an ordinary file" in _refusal(tmp_path / "pipe")


def test_an_impossible_name_is_told() -> None:
    assert "cannot be read" in _refusal(pathlib.Path("x" * 5000))
    assert "cannot be read" in _refusal(pathlib.Path("a\0b"))


@pytest.mark.parametrize("text", ["", "\n\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_told(told: Any, text: str) -> None:
    assert told(text) == ["1:1: (file): The file is empty."]


def test_a_large_file_is_refused_at_once(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "large.yaml"
    with path.open("wb") as file:
        file.truncate(50_000_000)
    begun = time.perf_counter()
    said = _refusal(path)
    assert time.perf_counter() - begun < 0.5
    assert "The file has 50,000,000 bytes, more than the 250,000 allowed." in said


def test_text_that_is_not_utf8_is_told_at_its_place(told: Any) -> None:
    assert told(b"a: 1\nname: Nu\xf1ez\n")[0].startswith("2:9: (file): The file is not in UTF-8")


def test_a_binary_file_is_told(told: Any) -> None:
    assert told(b"PK\x03\x04\0\xff") == [
        "1:1: (file): This is not a text file. Save it as plain text (UTF-8)."
    ]


def test_a_control_character_is_told_at_its_place(told: Any) -> None:
    assert told("a: 1\nb: \x07")[0].startswith("2:4: (file): An invisible control character")


def test_half_a_character_is_told(told: Any) -> None:
    assert told('name: "\\ud800"') == ["1:7: (file): This text holds half a character."]


# --- YAML that is wrong or too clever ---


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: b: c", "1:5: (file): A colon is not expected here."),
        ("a:\n\t- b", "2:1: (file): A tab stands here. Indent with spaces."),
        ("a: 1\nname: 'abc\nb: 2", "2:7: (file): The quotation mark that opens here"),
        ("a: [1, 2\nb: 2", "1:4: (file): The list opened here with ["),
        ("a: {b: 2\nc: 2", "1:4: (file): The group opened here with {"),
        ("- a\nb: 1", "2:1: (file): This line does not fit those above."),
        ("a: 1\nb\nc: 2", "2:1: (file): A colon and a space are missing after this key."),
        ("name: 'it's'", "1:11: (file): Text goes on here after it should have ended."),
        ("a: - b", "1:4: (file): An item that starts with - needs a line of its own."),
        ("a: @b", "1:4: (file): Text that starts with this character needs quotes."),
        ('a: "C:\\qed"', "1:8: (file): A backslash in double quotes is special."),
        ("{a: 1,, b: 2}", "1:7: (file): A value is expected here."),
        ("%FOO\n", "2:1: (file): This is not valid YAML."),
    ],
)
def test_a_syntax_error_is_told_in_plain_words_at_its_place(told: Any, text: str, said: str) -> None:
    assert told(text)[0].startswith(said)


@pytest.mark.parametrize("text", ["[" * 100_000, "- " * 100_000, "? " * 10_000, "{a: " * 99])
def test_deep_nesting_is_refused_at_once(told: Any, text: str) -> None:
    begun = time.process_time()
    said = told(text)[0]
    assert "levels deep" in said or "A key must be a word" in said
    assert time.process_time() - begun < 5


def test_thirty_levels_are_allowed_and_thirty_one_are_not(told: Any) -> None:
    assert "not known" in told("a: " + "[" * 29 + "]" * 29)[0]
    assert "more than 30 levels deep" in told("a: " + "[" * 30 + "]" * 30)[0]


def test_an_alias_is_refused(told: Any) -> None:
    assert told("name: &n Costa\nlimit: *n") == [
        ("1:7: name: Names that start with & are not allowed. Remove this one, or put the text in quotes."),
        (
            "2:8: limit: References that start with * are not allowed."
            " Write the value out, or put the text in quotes."
        ),
    ]


def test_a_billion_laughs_are_not_laughed(told: Any) -> None:
    laughs = "".join(f"l{n + 1}: &l{n + 1} [{f'*l{n},' * 9}]\n" for n in range(20))
    begun = time.perf_counter()
    assert "&" in told("l0: &l0 ha\n" + laughs)[0]
    assert time.perf_counter() - begun < 2


def test_a_tag_is_refused(told: Any) -> None:
    assert told("name: !!python/object:os.system x") == [
        ("1:7: name: Tags that start with ! are not allowed. Remove this one, or put the text in quotes."),
    ]


def test_a_directive_is_refused(told: Any) -> None:
    assert "lines that start with %" in told("%YAML 1.1\n---\nname: NO")[0]


def test_a_second_document_is_refused(told: Any) -> None:
    assert told("name: a\n---\nname: b") == [
        "2:1: (file): A second document starts here. Only one is allowed."
    ]


def test_a_list_as_key_is_refused(told: Any) -> None:
    assert told("? [1, 2]\n: 3") == ["1:3: (file): A key must be a word, not a list or a group."]


def test_a_double_key_is_told_with_both_lines(told: Any) -> None:
    assert told("capacity: 1\nname: a\ncapacity: 2") == [
        "3:1: capacity: This key stands twice: on line 1 and on line 3."
    ]


def test_a_list_at_the_top_is_told(told: Any) -> None:
    assert told("- a\n- b") == ["1:1: (file): The file needs lines of the form key: value, but holds a list."]


def test_a_word_alone_is_told(told: Any) -> None:
    assert "but holds a single value" in told("hello")[0]


# --- Data that does not fit the model ---


def test_an_unknown_key_is_told_with_the_one_probably_meant(told: Any) -> None:
    assert told("beds:\n  value: 3\n  Unitt: beds\n  unit: beds") == [
        "3:3: beds.Unitt: This key is not known. Allowed: value, unit. Did you mean 'unit'?"
    ]


def test_an_unknown_key_of_a_lever_is_told_the_keys_of_that_lever(told: Any) -> None:
    assert told("levers:\n  - kind: opening\n    date: 2027-07-01\n    reason: none") == [
        "4:5: levers[0].reason: This key is not known. Allowed: kind, date."
    ]


def test_unknown_keys_are_refused_even_if_the_model_ignores_them(told: Any) -> None:
    assert "This key is not known" in told("zzz: 1")[0]


def test_a_missing_key_is_told_at_its_parent(told: Any) -> None:
    assert told("capacity: 1\nbeds:\n  value: 3", Strict) == ["2:1: beds.unit: The key 'unit' is missing."]


def test_a_missing_key_at_the_top_is_told_at_the_start(told: Any) -> None:
    assert told("# beds\ncapacity: 1", Strict) == ["2:1: beds: The key 'beds' is missing."]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("capacity: lots", "1:11: capacity: Needs a whole number, but found 'lots'."),
        ("capacity: 1.5", "1:11: capacity: Needs a whole number, but found 1.5."),
        ("capacity: true", "1:11: capacity: Needs a number, but found true."),
        ("capacity:", "1:1: capacity: Needs a whole number, but found nothing."),
        ("capacity: [1]", "1:1: capacity: Needs a whole number, but found a list."),
        ("share: {a: 1}", "1:1: share: Needs a number, but found a group of lines."),
        ("open: maybe", "1:7: open: Needs true or false, but found 'maybe'."),
        ("pair: 3", "1:7: pair: Needs a list, but found 3."),
        ("beds: 3", "1:7: beds: Needs a group of lines, key: value, but found 3."),
        ("levers: [3]", "1:10: levers[0]: Needs a group of lines, key: value, but found 3."),
        (
            "capacity: 1,000",
            (
                "1:11: capacity: Needs a whole number, but found '1,000'."
                " Write the number with digits only, without a comma, $ or %."
            ),
        ),
    ],
)
def test_a_wrong_kind_of_value_is_told_with_what_is_needed(told: Any, text: str, said: str) -> None:
    assert told(text) == [said]


def test_an_unquoted_fips_code_is_told_to_be_quoted(told: Any) -> None:
    assert told("fips: 06013") == [
        '1:7: fips: Needs text. Write it in quotes, "06013" - the leading zero is otherwise lost.'
    ]


def test_a_number_for_text_is_told_to_be_quoted(told: Any) -> None:
    assert told("name: 36") == ['1:7: name: Needs text. Write it in quotes, "36".']


def test_a_fips_code_without_its_zero_is_told(told: Any) -> None:
    assert told("fips: '6013'") == ["1:7: fips: Needs exactly 5 digits in quotes, but found '6013'."]


def test_a_fips_code_as_key_is_told_at_the_key(told: Any) -> None:
    assert told("by_county:\n  6013: 1") == [
        "2:3: by_county.6013: Needs exactly 5 digits in quotes, but found '6013'."
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("capacity: -3", "1:11: capacity: -3 is below 0."),
        ("share: 1.5", "1:8: share: 1.5 is above 1."),
        ("limit: -1", "1:8: limit: -1 is below 0."),
        ("share: .inf", "1:8: share: .inf is above 1."),
        ("share: .nan", "1:8: share: Needs an ordinary number, but found .nan."),
        ("capacity: .inf", "1:11: capacity: Needs an ordinary number, but found .inf."),
    ],
)
def test_a_number_out_of_range_is_told(told: Any, text: str, said: str) -> None:
    assert told(text) == [said]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "size: smal",
            (
                "Needs one of the allowed values, but found 'smal'."
                " Allowed: small, large. Did you mean 'small'?"
            ),
        ),
        ("cadence: x", "Needs one of the allowed values, but found 'x'. Allowed: daily, weekly."),
        ("size: 3", "Needs one of the allowed values, but found 3. Allowed: small, large."),
    ],
)
def test_a_word_not_allowed_is_told_the_allowed_ones(told: Any, text: str, said: str) -> None:
    assert [each.split(": ", 2)[2] for each in told(text)] == [said]


def test_the_alternatives_of_one_value_are_told_in_one_line(told: Any) -> None:
    assert told("limit: unlimted") == [
        (
            "1:8: limit: Needs a number or one of the allowed values, but found 'unlimted'."
            " Allowed: unlimited. Did you mean 'unlimited'?"
        ),
    ]


@pytest.mark.parametrize("date", ["7/1/2027", "2027-13-01", "2027", "20270701", "soon"])
def test_a_wrong_date_is_told_how_to_write_it(told: Any, date: str) -> None:
    said = told(f"start: {date}")
    assert "Needs a date written year-month-day, such as 2027-07-01, but found" in said[0]


def test_a_wrong_kind_of_lever_is_told_at_its_kind(told: Any) -> None:
    assert told("levers:\n  - date: 2027-07-01\n    kind: openin") == [
        (
            "3:11: levers[0].kind: Needs one of the allowed values, but found 'openin'."
            " Allowed: opening, closing. Did you mean 'opening'?"
        ),
    ]


def test_a_lever_without_a_kind_is_told(told: Any) -> None:
    assert told("levers:\n  - date: 2027-07-01") == ["2:5: levers[0].kind: The key 'kind' is missing."]


def test_the_field_of_a_lever_does_not_name_its_kind_twice(told: Any) -> None:
    assert told("levers:\n  - kind: closing\n    date: soon\n    reason: x")[0].startswith(
        "3:11: levers[0].date: Needs a date"
    )


def test_a_complaint_of_a_unit_is_told_at_the_unit(told: Any) -> None:
    assert told("beds:\n  value: 3\n  unit: days") == ["3:3: beds.unit: the unit must be beds"]


def test_a_complaint_of_a_validator_is_told_as_it_is(told: Any) -> None:
    assert told("beds:\n  value: 3000\n  unit: beds") == ["1:1: beds: more than a county has"]


def test_a_tag_that_is_also_a_key_does_not_mislead(told: Any) -> None:
    class Opener(BaseModel):
        kind: Literal["date"]
        date: int
        count: int

    class Other(BaseModel):
        kind: Literal["other"]

    class Plan(BaseModel):
        lever: Annotated[Opener | Other, Field(discriminator="kind")]

    said = told("lever:\n  kind: date\n  date: 1\n  count: x", Plan)
    assert said == ["4:10: lever.count: Needs a whole number, but found 'x'."]


def test_all_problems_are_told_at_once_sorted_by_line(told: Any) -> None:
    said = told("nme: a\ncapacity: x\nshare: 2\nshare: 3\nfips: 06013\nname: *a\n")
    assert [each.split(":")[0] for each in said] == ["1", "2", "3", "4", "5", "6"]


def test_a_long_or_odd_value_is_cut_and_kept_on_one_line(told: Any) -> None:
    said = told('size: "' + "x\\n" * 500 + '"')[0]
    assert len(said) < 200 and "..." in said


# --- Too many problems to list ---


@pytest.mark.parametrize("line", ["zz{}: 1\n", "capacity: 1\n", "by_county: {{a{}: *a}}\n"])
def test_of_many_problems_the_first_hundred_are_listed_and_the_rest_counted(told: Any, line: str) -> None:
    said = told("name: a\nname: a\n" + "".join(line.format(n) for n in range(5_000)))
    assert len(said) == 101
    assert said[-1].split(":", 1)[0] == said[-2].split(":", 1)[0]
    assert re.fullmatch(r"\d+:\d+: \(file\): There are \d,\d{3} more problems in this file\.", said[-1])


def test_the_problems_listed_are_the_first_in_the_file(told: Any) -> None:
    wrong_shares = "by_county:\n" + "".join(f"  '{n:05}': 2\n" for n in range(10_000))
    said = told(wrong_shares + "capacity: x\nname: a\nname: b\n")
    assert [int(each.split(":")[0]) for each in said] == [*range(2, 102), 101]
    assert said[-1] == "101:12: (file): There are 9,902 more problems in this file."


def test_true_for_many_numbers_is_counted_too(told: Any) -> None:
    said = told("pair: [" + "true, " * 1_000 + "]")
    assert (len(said), said[-1].split(": ")[2]) == (101, "There are 900 more problems in this file.")


def test_a_hundred_problems_are_all_listed(told: Any) -> None:
    assert len(told("".join(f"zz{n}: 1\n" for n in range(100)))) == 100


def test_one_more_than_a_hundred_is_told_as_one(told: Any) -> None:
    said = told("".join(f"zz{n}: 1\n" for n in range(101)))
    assert said[100:] == ["100:1: (file): There is 1 more problem in this file."]


def test_problems_found_before_the_reading_breaks_off_are_counted(told: Any) -> None:
    said = told("name: a\n" * 1_000 + "]")
    assert (len(said), said[-1]) == (101, "101:1: (file): There are 900 more problems in this file.")


# --- Checks that a caller adds ---


def _beyond(county: County) -> Iterable[tuple[tuple[str | int, ...], str]]:
    for index, lever in enumerate(county.levers):
        if lever.date.year > 2030:
            yield ("levers", index, "date"), "This is after the last day."


def test_an_extra_check_is_told_at_its_place(told: Any) -> None:
    text = "levers:\n  - {kind: opening, date: 2031-07-01}"
    assert told(text, County, _beyond) == ["2:27: levers[0].date: This is after the last day."]


def test_extra_checks_run_beside_a_double_key(told: Any) -> None:
    text = "levers:\n  - {kind: opening, date: 2031-07-01}\nname: a\nname: b"
    assert len(told(text, County, _beyond)) == 2


def test_a_later_problem_can_be_put_at_a_place(tmp_path: pathlib.Path) -> None:
    document = read(_write(tmp_path, "a: 1\nlevers:\n  - date: 2027-07-01\n"))
    assert isinstance(document, Document)
    assert document.data == {"a": 1, "levers": [{"date": datetime.date(2027, 7, 1)}]}
    assert document.position(("levers", 0, "date")) == (3, 11)
    problem = document.problem(("levers", 0, "date"), "too late")
    assert problem == Problem(document.file, 3, 11, "levers[0].date", "too late")


def test_a_place_not_in_the_file_is_put_at_what_should_hold_it(tmp_path: pathlib.Path) -> None:
    document = read(_write(tmp_path, "a: 1\nlevers:\n  - date: 2027-07-01\n"))
    assert document.position(("levers", 0, "reason")) == (3, 5)


# --- Nonsense ---

_pieces = st.sampled_from(
    [
        *"\n[]{},'\"\\#>|@`=~\t\r\ud7ff\x85\u2028",
        *["a: ", "\n  ", "- ", "&a ", "*a", "!!int ", "!x ", "%YAML 1.1\n", "---\n", "...\n", "? ", ": "],
        *["<<", "name", "fips", "levers", "kind", "unit", "opening", "beds", "06013", "1_", "-_", ".inf"],
        *["2027-02-30", "0x", "true", "\\ud800", "9e999"],
    ]
)
_texts = st.one_of(st.text(), st.lists(_pieces, max_size=40).map("".join))
_data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from([*County.model_fields, "kind", "value", "date"]), inner)
    ),
    max_leaves=12,
)


def _flow(data: Any) -> str:
    if isinstance(data, dict):
        return "{" + ", ".join(f"{key}: {_flow(value)}" for key, value in data.items()) + "}"
    if isinstance(data, list):
        return "[" + ", ".join(map(_flow, data)) + "]"
    return "~" if data is None else str(data)


@settings(max_examples=300, deadline=3000)
@given(text=st.one_of(_texts, _data.map(_flow)))
@example(text="1" * 5000)
@example(text="capacity: " + "1" * 5000)
@example(text='name: "\\UFFFFFFFF"')
def test_nonsense_is_refused_or_read_but_never_breaks(
    tmp_path_factory: pytest.TempPathFactory, text: str
) -> None:
    path = _write(tmp_path_factory.getbasetemp(), text.encode("utf-8", "replace"))
    try:
        load(path, County)
    except BadDocument as error:
        assert error.problems
        str(error).encode()


@settings(max_examples=100, deadline=3000)
@given(raw=st.binary(max_size=200))
def test_random_bytes_never_break_it(tmp_path_factory: pytest.TempPathFactory, raw: bytes) -> None:
    path = _write(tmp_path_factory.getbasetemp(), raw)
    try:
        load(path, County)
    except BadDocument as error:
        assert error.problems


def test_a_quoted_text_cannot_hide_a_character_that_a_terminal_obeys(tmp_path: pathlib.Path) -> None:
    path = tmp_path / "a.yaml"
    path.write_text('name: "Napa \\e[31m"\n', encoding="utf-8")
    with pytest.raises(BadDocument, match=r"a.yaml:1:7: .*invisible control character"):
        read(path)
    path.write_text('name: "Napa\\tand\\nnew"\n', encoding="utf-8")
    assert read(path).data == {"name": "Napa\tand\nnew"}
