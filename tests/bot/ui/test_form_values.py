from dataclasses import replace
from typing import Any

import pytest

from bot.jobs.drafts import Draft
from bot.jobs.order import Reference, Role
from bot.texts import Text
from bot.toapis.schema import ImageRequest
from bot.ui.form_values import Composed, Filled, FormFile, composed, read_form
from bot.ui.forms import MODEL, OTHER_PICTURES, PICTURES, PROMPT, RATIO
from tests.orders import NANO_BANANA_2, NANO_BANANA_PRO

VERTEX = "gemini-2.5-flash-image-official"
NOW = 1_700_000_000.0
FILE = {
    "id": "7",
    "filename": "a.png",
    "size": 9,
    "url": "https://cdn.example/a.png",
    "content_type": "image/png",
    "width": 4,
    "height": 3,
    "flags": 0,
}


def label(custom_id: str, **value: Any) -> dict[str, Any]:
    return {"type": 18, "component": {"custom_id": custom_id, **value}}


def attached(filename: str = "a.png", *, content_type: str | None = "image/png", spoiler: bool = False) -> FormFile:
    return FormFile(
        url=f"https://cdn.example/{filename}",
        filename=filename,
        size=9,
        content_type=content_type,
        width=4,
        height=3,
        spoiler=spoiler,
    )


def filled(**changes: Any) -> Filled:
    return replace(Filled(prompt="a lighthouse", model=None, ratio=None, pictures=(), other_pictures=()), **changes)


def kept(number: int, *, ends: float | None = None, role: Role = Role.PICTURE, **changes: Any) -> Reference:
    query = f"?ex={int(ends):x}&is=1&hm=2" if ends is not None else ""
    reference = Reference(
        position=number,
        name=f"old{number}",
        source_url=f"https://cdn.example/kept{number}.png{query}",
        filename=f"kept{number}.png",
        size=9,
        role=role,
    )
    return replace(reference, **changes)


def draft(*references: Reference, **changes: Any) -> Draft:
    request = ImageRequest(model=NANO_BANANA_2, prompt="", size="16:9", resolution="2K", count=3)
    usual = Draft(id="0" * 20, user_id=1, created_at=NOW, request=request, references=references)
    return replace(usual, **changes)


def names(whole: Composed) -> list[tuple[str, str]]:
    return [(reference.name, reference.filename) for reference in whole.references]


NONSENSE: list[Any] = [
    {},
    {"components": None},
    {"components": "text"},
    {"components": [None, 1, [], {}]},
    {"components": [{"type": 18, "component": None}]},
    {"components": [{"type": 18, "component": {"custom_id": 5}}]},
    {"components": [label(PROMPT, value=5), label(MODEL, values="m"), label(RATIO, values=[5, None])]},
    {"components": [], "resolved": {"attachments": []}},
    {"components": [label(PICTURES, values=None)], "resolved": None},
]


class TestReading:
    def test_everything_is_read_from_where_discord_puts_it(self) -> None:
        data = {
            "components": [
                label(PROMPT, type=4, value="words"),
                label(MODEL, type=3, values=["m"]),
                label(RATIO, type=3, values=["r"]),
                label(PICTURES, type=19, values=["7", "8"]),
                label(OTHER_PICTURES, type=19, values=[]),
            ],
            "resolved": {"attachments": {"8": {**FILE, "id": "8", "filename": "b.png"}, "7": FILE}},
        }
        read = read_form(data)
        assert (read.prompt, read.model, read.ratio) == ("words", "m", "r")
        assert [file.filename for file in read.pictures] == ["a.png", "b.png"]
        assert read.other_pictures == ()
        assert read.pictures[0] == attached()

    def test_rows_are_read_as_labels_are(self) -> None:
        row = {"type": 1, "components": [{"type": 4, "custom_id": PROMPT, "value": "words"}]}
        assert read_form({"components": [row]}).prompt == "words"

    @pytest.mark.parametrize("data", NONSENSE)
    def test_nonsense_reads_as_nothing(self, data: dict[str, Any]) -> None:
        assert read_form(data) == filled(prompt=None)

    @pytest.mark.parametrize(
        ("changes", "spoiler"),
        [({}, False), ({"flags": 8}, True), ({"filename": "SPOILER_a.png"}, True), ({"flags": None}, False)],
    )
    def test_a_spoiler_is_known_by_its_flag_or_its_name(self, changes: dict[str, Any], spoiler: bool) -> None:
        data = {
            "components": [label(PICTURES, values=["7"])],
            "resolved": {"attachments": {"7": {**FILE, **changes}}},
        }
        assert read_form(data).pictures[0].spoiler is spoiler

    def test_a_file_of_which_little_is_said_is_still_one(self) -> None:
        data = {
            "components": [label(PICTURES, values=["7"])],
            "resolved": {"attachments": {"7": {"url": "https://cdn.example/a", "filename": "a"}}},
        }
        (file,) = read_form(data).pictures
        assert (file.size, file.content_type, file.width, file.spoiler) == (0, None, None, False)


class TestComposing:
    def test_what_the_form_does_not_show_stays(self) -> None:
        whole = composed(draft(parent="p", private=True), filled(), NOW)
        assert whole.problems == ()
        assert (whole.draft.parent, whole.draft.private, whole.draft.request.count) == ("p", True, 3)
        assert (whole.draft.request.size, whole.draft.request.resolution) == ("16:9", "2K")
        assert whole.draft.request.prompt == "a lighthouse"

    def test_choices_replace_those_of_the_draft(self) -> None:
        whole = composed(draft(), filled(model=f"{NANO_BANANA_PRO}/4K", ratio="21:9"), NOW)
        request = whole.draft.request
        assert (request.model, request.resolution, request.size) == (NANO_BANANA_PRO, "4K", "21:9")

    def test_auto_leaves_the_ratio_to_the_first_picture(self) -> None:
        assert composed(draft(), filled(ratio="auto"), NOW).draft.request.size is None

    def test_a_model_without_resolutions_leaves_none(self) -> None:
        assert composed(draft(), filled(model=VERTEX), NOW).draft.request.resolution is None

    def test_a_ratio_that_the_chosen_model_lacks_is_refused_with_the_reason(self) -> None:
        whole = composed(draft(), filled(model=f"{NANO_BANANA_PRO}/1K", ratio="8:1"), NOW)
        assert [problem.key for problem in whole.problems] == ["check.ratio_unknown"]
        assert whole.draft.request.size == "8:1"

    def test_unknown_choices_are_named_and_change_nothing(self) -> None:
        whole = composed(draft(), filled(model="nobody/9K", ratio="7:3"), NOW)
        assert [problem.key for problem in whole.problems] == ["form.choice_unknown"] * 2
        assert [problem.values["choice"] for problem in whole.problems] == ["nobody/9K", "7:3"]
        assert whole.draft.request == replace(draft().request, prompt="a lighthouse")

    def test_a_fresh_form_s_pictures_are_in_the_order_of_its_fields(self) -> None:
        whole = composed(draft(), filled(pictures=(attached("a.png"),), other_pictures=(attached("b.png"),)), NOW)
        assert names(whole) == [("image1", "a.png"), ("image2", "b.png")]
        assert whole.draft.references == whole.references

    def test_kept_pictures_come_first_and_are_named_anew(self) -> None:
        whole = composed(draft(kept(3), kept(5)), filled(pictures=(attached(),)), NOW)
        assert names(whole) == [("image1", "kept3.png"), ("image2", "kept5.png"), ("image3", "a.png")]
        assert [reference.position for reference in whole.references] == [0, 1, 2]

    def test_replacing_takes_the_place_of_the_kept_ones_and_of_their_mask(self) -> None:
        start = draft(kept(0), kept(1, role=Role.MASK, name="mask"))
        whole = composed(start, filled(pictures=(attached("b.png"),), other_pictures=(attached("a.png"),)), NOW)
        assert names(whole) == [("image1", "a.png"), ("image2", "b.png")]

    def test_a_mask_stays_last_and_with_its_name(self) -> None:
        start = draft(kept(0), kept(1, role=Role.MASK, name="mask"))
        model = f"{NANO_BANANA_PRO}/1K"
        whole = composed(start, filled(model=model, pictures=(attached(),)), NOW)
        assert names(whole) == [("image1", "kept0.png"), ("image2", "a.png"), ("mask", "kept1.png")]
        assert whole.references[-1].position == 2
        assert whole.problems == ()

    def test_fifteen_pictures_are_refused_and_fourteen_kept(self) -> None:
        start = draft(*(kept(number) for number in range(10)))
        whole = composed(start, filled(pictures=tuple(attached(f"{n}.png") for n in range(5))), NOW)
        assert [problem.key for problem in whole.problems] == ["check.references_too_many"]
        assert len(whole.references) == 15
        assert len(whole.draft.references) == 14

    def test_what_is_no_picture_is_named_and_not_kept(self) -> None:
        files = (attached("a.png"), attached("b.txt", content_type="text/plain"), attached("c.png"))
        whole = composed(draft(), filled(pictures=files), NOW)
        assert whole.problems == (Text("image.not_an_image", {"name": "image2"}),)
        assert [reference.filename for reference in whole.draft.references] == ["a.png", "c.png"]
        assert [reference.name for reference in whole.draft.references] == ["image1", "image2"]

    def test_kept_pictures_that_can_be_fetched_no_more_are_named_and_not_kept(self) -> None:
        start = draft(kept(0, ends=NOW - 1), kept(1, ends=NOW + 1), kept(2))
        whole = composed(start, filled(), NOW)
        assert whole.problems == (Text("download.gone", {"name": "image1"}),)
        assert [reference.filename for reference in whole.draft.references] == ["kept1.png", "kept2.png"]
        assert whole.draft.gone == 1

    @pytest.mark.parametrize(("pictures", "gone"), [((), 2), ((attached(),), 0)])
    def test_what_was_gone_before_is_told_until_there_are_pictures(
        self, pictures: tuple[FormFile, ...], gone: int
    ) -> None:
        assert composed(draft(gone=2), filled(pictures=pictures), NOW).draft.gone == gone

    def test_what_is_no_picture_is_not_counted_as_gone(self) -> None:
        files = (attached("b.txt", content_type="text/plain"), replace(attached(), url=""))
        assert composed(draft(kept(0)), filled(pictures=files), NOW).draft.gone == 0

    def test_gone_pictures_that_are_replaced_do_not_matter(self) -> None:
        assert composed(draft(kept(0, ends=NOW - 1)), filled(other_pictures=(attached(),)), NOW).problems == ()

    @pytest.mark.parametrize(("left", "gone"), [(60.0, True), (3600.0, False)])
    def test_a_copy_at_the_gateway_stands_in_while_it_lives(self, left: float, gone: bool) -> None:
        picture = kept(0, ends=NOW - 1, uploaded_url="https://files.example/1.png", uploaded_until=NOW + left)
        assert bool(composed(draft(picture), filled(), NOW).problems) is gone

    @pytest.mark.parametrize("before", [True, False])
    def test_a_spoiler_makes_the_result_one_and_stays_one(self, before: bool) -> None:
        whole = composed(draft(spoiler=before), filled(pictures=(attached(spoiler=not before),)), NOW)
        assert whole.draft.spoiler

    @pytest.mark.parametrize(("parent", "left"), [("p" * 20, False), (None, True)])
    def test_parameters_of_another_job_give_way_to_a_new_model_and_typed_ones_do_not(
        self, parent: str | None, left: bool
    ) -> None:
        start = draft(parent=parent)
        start = replace(start, request=replace(start.request, options={"google_search": True}))
        whole = composed(start, filled(model=f"{NANO_BANANA_PRO}/2K"), NOW)
        assert bool(whole.draft.request.options) is left
        assert bool(whole.problems) is left

    def test_parameters_of_another_job_stay_with_its_model(self) -> None:
        start = draft(parent="p" * 20)
        start = replace(start, request=replace(start.request, options={"google_search": True}))
        whole = composed(start, filled(model=f"{NANO_BANANA_2}/4K"), NOW)
        assert whole.draft.request.options == {"google_search": True}
