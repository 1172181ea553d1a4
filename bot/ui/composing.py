"""One way for every form that is sent: what was filled in becomes a job, or is kept and said why not.

discord.py forgets the forms it sent when it ends; so none is entrusted to it, and all of them come here, whether they
were opened before the last start or after it.
"""

from typing import Any, cast

from bot.errors import DatabaseFailed, Refusal
from bot.jobs.drafts import Draft
from bot.jobs.order import Order, mask_among
from bot.jobs.store import Accepted
from bot.texts import Text
from bot.toapis.typed import Typed, Usual
from bot.ui.acceptance import take
from bot.ui.deadlines import in_good_time
from bot.ui.drafts import keep_for_later, new_draft, prompt_back
from bot.ui.form_values import Composed, composed, read_form
from bot.ui.forms import PREFIX
from bot.ui.interactions import Extras, report_error, services_of
from bot.ui.leaving_out import without_refused
from bot.ui.places import Interaction, place_of


async def sent_form(interaction: Interaction) -> None:
    """Answer the submit of a form.

    Raises:
        Refusal: it is no form that is known.
    """
    data = cast("dict[str, Any]", interaction.data or {})
    custom_id = str(data.get("custom_id"))
    if not custom_id.startswith(PREFIX):
        raise Refusal(Text("form.unknown"))
    filled = read_form(data)
    services = services_of(interaction)
    try:
        # Privately, if it takes long: nobody knows yet whether this is to be seen by others.
        draft = await in_good_time(interaction, services.drafts.draft(custom_id.removeprefix(PREFIX)))
    except DatabaseFailed as error:
        await report_error(interaction, error, prompt_back(filled.prompt or ""))
        return
    whole = composed(_own(interaction, draft), filled, services.clock.now())
    await take(
        interaction,
        _accept(interaction, whole, _objection(interaction, draft)),
        private=whole.private,
        regain=lambda error: _kept(interaction, whole, error),
    )


def _own(interaction: Interaction, draft: Draft | None) -> Draft:
    """The draft; an empty one where there is none that this person may use: private, for nobody knows what it was."""
    if draft is not None and draft.user_id == interaction.user.id:
        return draft
    return new_draft(interaction, Typed(prompt="").request(Usual()), private=True)


def _objection(interaction: Interaction, draft: Draft | None) -> Text | None:
    if draft is None:
        return Text("form.gone")
    return Text("form.not_yours") if draft.user_id != interaction.user.id else None


async def _kept(interaction: Interaction, whole: Composed, error: Exception) -> Extras:
    draft, told = without_refused(whole.draft, whole.request, error)
    mask_lost = mask_among(whole.references) is not None and mask_among(draft.references) is None
    return await keep_for_later(interaction, draft, [*told, *([Text("form.left_out_mask")] if mask_lost else [])])


async def _accept(interaction: Interaction, whole: Composed, objection: Text | None) -> Accepted:
    services, draft = services_of(interaction), whole.draft
    if objection is not None:
        raise Refusal(objection)
    claimed = await services.drafts.claim(draft.id, interaction.id)
    if claimed is None or claimed.claimed_by != interaction.id:
        raise Refusal(Text("form.sent_already"))
    if whole.problems:
        raise Refusal(*whole.problems)
    order = Order(
        place=place_of(interaction, private=whole.private),
        request=whole.request,
        references=whole.references,
        parent=draft.parent,
        spoiler=whole.spoiler,
    )
    return await services.engine.accept(order)
