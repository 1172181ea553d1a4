"""Forms (`bot/ui/forms.py`): titles and labels of at most 45 characters, descriptions of at most 100."""

from collections.abc import Mapping

FORMS: Mapping[str, str] = {
    "form.title": "What shall Easel paint?",
    "form.title_edit": "What shall become of the pictures?",
    "form.prompt": "Prompt",
    "form.prompt_limits": "{models}: at most {limit} characters.",
    "form.prompt_cut": "A form holds {limit} characters; the last {count} of your prompt are missing here.",
    "form.model": "Model and size",
    "form.model_choice": "{model} · {resolution}",
    "form.ratio": "Shape",
    "form.ratio_auto": "Auto (as the first picture)",
    "form.pictures": "Pictures",
    "form.pictures_hint": "Up to {most} to work from, if you like.",
    "form.more": "More pictures",
    "form.more_hint": "Up to {most} more. Up to {objects} pictures of objects and {people} of people work best.",
    "form.add": "Add pictures",
    "form.add_one": "1 picture kept. Add up to {most}, or leave this empty.",
    "form.add_several": "{count} pictures kept. Add up to {most}, or leave this empty.",
    "form.add_first": "The first {count} of {total} pictures kept. Add up to {most}, or leave this empty.",
    "form.replace": "Replace pictures",
    "form.replace_one": "Up to {most} in place of the kept one, or leave this empty.",
    "form.replace_several": "Up to {most} in place of the {count} kept ones, or leave this empty.",
    "form.replace_all": "{count} pictures kept, the most there can be. Up to {most} replace them all.",
    "form.replace_first": "The first {count} of {total} pictures kept. Up to {most} replace them all.",
    "form.replace_mask": "Up to {most} in place of those kept and of the mask, or leave this empty.",
}
