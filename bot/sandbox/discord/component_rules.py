"""The rules of components: classic rows, Components V2, and modals.

Source: Discord's API documentation, "Component Reference"; the codes of nested errors as Discord answers them.
"""

from collections.abc import Callable, Sequence

from bot.sandbox.discord.components import (
    ACTION_ROW,
    BUTTON,
    CHECKBOX,
    CHECKBOX_GROUP,
    CONTAINER,
    FILE,
    FILE_UPLOAD,
    LABEL,
    MEDIA_GALLERY,
    RADIO_GROUP,
    SECTION,
    SELECTS,
    SEPARATOR,
    STRING_SELECT,
    TEXT_DISPLAY,
    TEXT_INPUT,
    THUMBNAIL,
    walk,
)
from bot.sandbox.discord.entities import Json
from bot.sandbox.discord.forms import Form
from bot.sandbox.discord.refusals import FormErrors, Path

LINK, PREMIUM = 5, 6  # the button styles that carry no custom_id
IN_CONTAINER = frozenset({ACTION_ROW, SECTION, TEXT_DISPLAY, MEDIA_GALLERY, FILE, SEPARATOR})
IN_LABEL = frozenset({TEXT_INPUT, *SELECTS, FILE_UPLOAD, RADIO_GROUP, CHECKBOX_GROUP, CHECKBOX})
MOST_ROWS, MOST_IN_ROW, MOST_V2, MOST_TEXT = 5, 5, 40, 4000


def check_components(form: Form, *, v2: bool) -> None:
    """Check each of a message's `components` by itself, as classic rows or as V2."""
    for component in form.forms("components", longest=None if v2 else MOST_ROWS):
        _check(component, IN_CONTAINER | {CONTAINER} if v2 else frozenset({ACTION_ROW}))


def check_layout(components: Sequence[Json], errors: FormErrors, path: Path, *, v2: bool) -> None:
    """Check components, each of them right by itself, together: how many, how much text, and ids used twice."""
    everything = list(walk(components))
    if v2 and len(everything) > MOST_V2:
        errors.add(path, "COMPONENT_MAX_TOTAL_COMPONENTS_EXCEEDED", "Total number of components cannot exceed 40")
    if v2 and sum(len(each["content"]) for each in everything if each["type"] == TEXT_DISPLAY) > MOST_TEXT:
        errors.add(
            path,
            "COMPONENT_DISPLAYABLE_TEXT_SIZE_EXCEEDED",
            "Components displayable text size exceeds maximum size of 4000",
        )
    for key, code, what in (
        ("custom_id", "COMPONENT_CUSTOM_ID_DUPLICATED", "custom id"),
        ("id", "COMPONENT_ID_DUPLICATED", "id"),
    ):
        seen: set[str] = set()
        for each in everything:
            value = each.get(key)
            if value and value in seen:
                errors.add(path, code, f"Component {what} cannot be duplicated: {value}")
            seen |= {value} if value else set()


def check_modal(form: Form) -> None:
    """Check the `data` of a modal callback."""
    form.text("custom_id", shortest=1, longest=100, required=True)
    form.text("title", shortest=1, longest=45, required=True)
    for component in form.forms("components", shortest=1, longest=5, required=True):
        if _check(component, frozenset({LABEL, TEXT_DISPLAY, ACTION_ROW}), in_modal=True) == ACTION_ROW:
            for field in component.forms("components", shortest=1, longest=1, required=True):
                if _check(field, frozenset({TEXT_INPUT})) == TEXT_INPUT:
                    field.text("label", shortest=1, longest=45, required=True)


def _check(component: Form, allowed: frozenset[int], *, in_modal: bool = False) -> int | None:
    """Check one component with what is in it; says its type, or None if it has no place here."""
    kind = component.fields.get("type")
    if type(kind) is not int or kind not in allowed:
        choices = ", ".join(map(str, sorted(allowed))) + ("," if len(allowed) == 1 else "")
        component.refuse(None, "UNION_TYPE_CHOICES", f'Value of field "type" must be one of ({choices}).')
        return None
    component.whole("id", least=0, most=2**31 - 1)
    if not (kind == ACTION_ROW and in_modal):
        _CHECKS[kind](component)
    return kind


def _check_row(row: Form) -> None:
    width = 0
    for component in row.forms("components", shortest=1, required=True):
        kind = _check(component, SELECTS | {BUTTON})
        width += MOST_IN_ROW if kind in SELECTS else 1
        if width > MOST_IN_ROW:
            component.refuse(
                None, "COMPONENT_LAYOUT_WIDTH_EXCEEDED", "The specified component exceeds the maximum width"
            )


def _check_button(button: Form) -> None:
    style = button.one_of("style", range(1, 7), required=True)
    label = button.text("label", longest=80)
    emoji = button.form("emoji")
    if style == PREMIUM:
        button.snowflake("sku_id", required=True)
        return
    if style == LINK:
        if button.has("custom_id"):
            button.refuse("custom_id", "BUTTON_COMPONENT_INVALID_CUSTOM_ID", "A link button has no custom id")
        _check_link(button)
    else:
        if button.has("url"):
            button.refuse("url", "BUTTON_COMPONENT_INVALID_URL", "Only a link button has an url")
        button.text("custom_id", shortest=1, longest=100, required=True)
    if not label and emoji is None:
        button.refuse(None, "BUTTON_COMPONENT_INVALID", "A button must have a label or an emoji")


def _check_link(button: Form) -> None:
    url = button.text("url", shortest=1, longest=512, required=True)
    if url is not None and not url.startswith(("http://", "https://", "discord://")):
        button.refuse("url", "URL_TYPE_INVALID_SCHEME", "Scheme must be one of ('http', 'https', 'discord').")


def _check_select(select: Form) -> None:
    select.text("custom_id", shortest=1, longest=100, required=True)
    select.text("placeholder", longest=150)
    least = select.whole("min_values", least=0, most=25)
    most = select.whole("max_values", least=1, most=25)
    if select.fields.get("type") == STRING_SELECT:
        count = _check_options(select, shortest=1, longest=25)
        if most is not None and most > count:
            select.refuse("max_values", "SELECT_COMPONENT_MAX_VALUES", "Not enough options for max_values")
    if least is not None and least > (most or 1):
        select.refuse("min_values", "SELECT_COMPONENT_MIN_VALUES", "min_values must not be over max_values")


def _check_options(component: Form, *, shortest: int, longest: int) -> int:
    options = component.forms("options", shortest=shortest, longest=longest, required=True)
    values: set[str] = set()
    for option in options:
        option.text("label", shortest=1, longest=100, required=True)
        option.text("description", longest=100)
        value = option.text("value", shortest=1, longest=100, required=True)
        if value in values:
            option.refuse(
                "value", "SELECT_COMPONENT_OPTION_VALUE_DUPLICATED", "The specified option value is already used"
            )
        values |= {value} if value else set()
    return len(options)


def _check_text_input(field: Form) -> None:
    field.text("custom_id", shortest=1, longest=100, required=True)
    field.one_of("style", (1, 2), required=True)
    least = field.whole("min_length", least=0, most=4000)
    most = field.whole("max_length", least=1, most=4000)
    field.text("value", longest=4000)
    field.text("placeholder", longest=100)
    if least is not None and most is not None and least > most:
        field.refuse("min_length", "TEXT_INPUT_COMPONENT_MIN_LENGTH", "min_length must not be over max_length")


def _check_section(section: Form) -> None:
    for text in section.forms("components", shortest=1, longest=3, required=True):
        _check(text, frozenset({TEXT_DISPLAY}))
    if accessory := section.form("accessory", required=True):
        _check(accessory, frozenset({BUTTON, THUMBNAIL}))


def _check_text(text: Form) -> None:
    text.text("content", shortest=1, longest=MOST_TEXT, required=True)


def _check_media(component: Form, key: str, *, uploads_only: bool = False) -> None:
    media = component.form(key, required=True)
    url = media.text("url", shortest=1, longest=2048, required=True) if media else None
    schemes = ("attachment://",) if uploads_only else ("attachment://", "http://", "https://")
    if media and url is not None and not url.startswith(schemes):
        names = ", ".join(repr(scheme.removesuffix("://")) for scheme in schemes)
        media.refuse("url", "URL_TYPE_INVALID_SCHEME", f"Scheme must be one of ({names}).")


def _check_thumbnail(thumbnail: Form) -> None:
    _check_media(thumbnail, "media")
    thumbnail.text("description", longest=1024)


def _check_gallery(gallery: Form) -> None:
    for item in gallery.forms("items", shortest=1, longest=10, required=True):
        _check_media(item, "media")
        item.text("description", longest=1024)


def _check_file(file: Form) -> None:
    _check_media(file, "file", uploads_only=True)


def _check_separator(separator: Form) -> None:
    separator.one_of("spacing", (1, 2))


def _check_container(container: Form) -> None:
    container.whole("accent_color", least=0, most=0xFFFFFF)
    for component in container.forms("components", shortest=1, required=True):
        _check(component, IN_CONTAINER)


def _check_label(label: Form) -> None:
    label.text("label", shortest=1, longest=45, required=True)
    label.text("description", longest=100)
    if component := label.form("component", required=True):
        _check(component, IN_LABEL)
        _check_in_modal(component)


def _check_in_modal(component: Form) -> None:
    """Check what holds only where a person fills in a form: what must be answered, nobody may leave empty."""
    if component.truth("disabled"):
        component.refuse("disabled", "COMPONENT_DISABLED_IN_MODAL", "Components in a modal cannot be disabled")
    required = component.truth("required") or not component.has("required")
    if required and component.has("min_values") and component.fields["min_values"] == 0:
        component.refuse("min_values", "NUMBER_TYPE_MIN", "int value should be greater than or equal to 1.")


def _check_file_upload(upload: Form) -> None:
    upload.text("custom_id", shortest=1, longest=100, required=True)
    _check_range(upload, most=10)


def _check_range(component: Form, *, most: int) -> None:
    """Check how many values there may be; one, where it does not say."""
    least_values = component.whole("min_values", least=0, most=most)
    most_values = component.whole("max_values", least=1, most=most)
    if least_values is not None and least_values > (most_values or 1):
        component.refuse("min_values", "SELECT_COMPONENT_MIN_VALUES", "min_values must not be over max_values")


def _check_radio(group: Form) -> None:
    group.text("custom_id", shortest=1, longest=100, required=True)
    _check_options(group, shortest=2, longest=10)


def _check_checkboxes(group: Form) -> None:
    group.text("custom_id", shortest=1, longest=100, required=True)
    _check_options(group, shortest=1, longest=10)


def _check_checkbox(box: Form) -> None:
    box.text("custom_id", shortest=1, longest=100, required=True)


_CHECKS: dict[int, Callable[[Form], None]] = {
    ACTION_ROW: _check_row,
    BUTTON: _check_button,
    **dict.fromkeys(SELECTS, _check_select),
    TEXT_INPUT: _check_text_input,
    SECTION: _check_section,
    TEXT_DISPLAY: _check_text,
    THUMBNAIL: _check_thumbnail,
    MEDIA_GALLERY: _check_gallery,
    FILE: _check_file,
    SEPARATOR: _check_separator,
    CONTAINER: _check_container,
    LABEL: _check_label,
    FILE_UPLOAD: _check_file_upload,
    RADIO_GROUP: _check_radio,
    CHECKBOX_GROUP: _check_checkboxes,
    CHECKBOX: _check_checkbox,
}
